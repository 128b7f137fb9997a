// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datasets/episode.h"

namespace longplay {

struct LerobotOptions {
  int64_t fps = 30;                     // [frames/s] time between frames; LeRobot must have one
  int64_t data_files_size_in_mb = 100;  // a data file is finished before it is larger
};

/// Writes episodes in LeRobot's layout v3.0, without pictures (FORMAT.md says which features).
///
/// Every episode is in a finished file, and named by meta, once Write() has returned: a kill loses
/// the one that is being written, and what is then at `path`.partial opens as a data set. Files of
/// one episode give way to one of all when that is large enough. Nothing is at `path` until Finish().
/// Source: huggingface/lerobot 0.4.4, src/lerobot/datasets. Throws WriteError.
class LerobotWriter {
 public:
  /// Takes sizes, types, environment, bounds and reference scores from `info`.
  LerobotWriter(const std::string& path, const DatasetInfo& info,
                const LerobotOptions& options = {});
  ~LerobotWriter();
  LerobotWriter(const LerobotWriter&) = delete;
  LerobotWriter& operator=(const LerobotWriter&) = delete;

  /// Final observations and infos after the last action have no place and are left out; infos are
  /// flattened. Every episode must have the infos of the first.
  void Write(const Episode& episode, const EpisodeExtras& extras);
  void Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
