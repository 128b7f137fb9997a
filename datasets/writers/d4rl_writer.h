// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "datasets/episode.h"

namespace longplay {

/// Writes episodes in D4RL's flat layout, one after another. What that layout has no place for goes
/// into the group `longplay` (see FORMAT.md), where our reader finds it again.
/// Nothing is at `path` until Finish() renames the finished work into place.
class D4rlWriter {
 public:
  /// Takes sizes, types, environment and reference scores from `info`.
  D4rlWriter(const std::string& path, const DatasetInfo& info);
  ~D4rlWriter();
  D4rlWriter(const D4rlWriter&) = delete;
  D4rlWriter& operator=(const D4rlWriter&) = delete;

  /// Every episode must have the infos of the first. Throws std::runtime_error otherwise.
  void Write(const Episode& episode, const EpisodeExtras& extras);
  void Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
