// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "datasets/episode.h"

namespace longplay {

/// What a written data set says about itself.
struct MinariMetadata {
  std::string environment;  // id, e.g. "Hopper-v5"
  std::string algorithm;    // e.g. "sac"
  std::string description;
  int64_t observation_size = 0;                 // O
  int64_t action_size = 0;                      // A
  std::vector<double> action_low, action_high;  // [A]
  int64_t max_episode_steps = 0;                // [decisions]; 0 = not stated
  int64_t action_repeat = 1;
  ActionKind action_kind = ActionKind::kContinuous;
  int64_t action_start = 0;  // discrete: added to the episodes' action indices
  std::string observation_type = "float64", action_type = "float32", reward_type = "float64";
  std::optional<double> reference_min, reference_max;
};

/// Writes episodes in Minari 0.5's layout.
///
/// `path` ending in ".hdf5" makes that one file, with the metadata as root attributes (the layout
/// of Minari 0.4, and still found by our reader) and beside it nothing else; any other path makes
/// a folder `path`/data/{main_data.hdf5, metadata.json} that Minari 0.5 loads.
/// Nothing is at `path` until Finish() renames the finished work into place.
class MinariWriter {
 public:
  MinariWriter(const std::string& path, const MinariMetadata& metadata);
  ~MinariWriter();
  MinariWriter(const MinariWriter&) = delete;
  MinariWriter& operator=(const MinariWriter&) = delete;

  /// The episode must hold N + 1 observations. `attributes` become HDF5 attributes of its group
  /// (e.g. {"history", 17} for which learner's run it belongs to). Without rewards zeros are
  /// written: the layout needs some.
  void Write(const Episode& episode, const std::map<std::string, int64_t>& attributes = {},
             const EpisodeExtras& extras = {});
  void Finish();

  int64_t episodes() const;
  int64_t steps() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
