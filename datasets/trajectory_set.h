// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/normalizer.h"

namespace longplay {

/// All episodes of one or more files in memory, float32, one after another; the store to train
/// from. Actions are in the file's units (discrete ones are one-hot), observations too.
class TrajectorySet {
 public:
  /// Reads every file. Throws std::invalid_argument when their sizes or action kinds differ.
  static TrajectorySet Load(const std::vector<std::string>& paths);

  const DatasetInfo& info() const;  // totals over all files; `path` is the first
  int64_t episodes() const;
  int64_t steps() const;
  int64_t length(int64_t episode) const;
  double episode_return(int64_t episode) const;  // undiscounted sum of rewards
  int64_t history(int64_t episode) const;  // which learner's run (attribute "history"), else 0
  std::span<const float> observations(int64_t episode) const;  // [N, O]
  std::span<const float> actions(int64_t episode) const;       // [N, A]
  std::span<const float> rewards(int64_t episode) const;       // [N]; zeros if none recorded
  int64_t longest() const;                                     // [steps]
  uint64_t hash() const;  // of all contents: names the data in results

  /// Statistics over the whole set. Observation std is at least 1e-6 (constant columns get 1);
  /// action bounds come from the action space when finite, else [-1, 1] when that holds all
  /// actions, else from the data; scales make the largest |return| and the reward's std 1.
  Normalizer ComputeNormalizer() const;

 private:
  /// `histories_before`: those of the files before this one, so that numbers do not clash.
  void Append(const Episode& episode, int64_t histories_before);
  void FitActions(Normalizer& normalizer) const;

  DatasetInfo info_;
  std::vector<int64_t> starts_;  // [episodes + 1] first row of each episode
  std::vector<int64_t> histories_;
  std::vector<double> returns_;
  std::vector<float> observations_, actions_, rewards_;
};

}  // namespace longplay
