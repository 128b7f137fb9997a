// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "datasets/checks/jump_check.h"
#include "datasets/checks/problem_log.h"
#include "datasets/episode.h"

namespace longplay {

/// Warnings about what a sound file says: episodes that look joined (observations, or recorded states,
/// jump within one),
/// episodes that are there twice, columns that float32 holds only roughly, ends that are two things at once, actions out of their range,
/// reference scores that cannot be. Sees every episode once, in memory that does not grow with the
/// number of steps.
class Lint {
 public:
  explicit Lint(const DatasetInfo& info);

  void Add(int64_t index, const Episode& episode, ProblemLog& log);
  /// States of the simulator that were recorded of the same episode, of `length` steps: they may jump
  /// where observations do not show it. What is no state of each step is passed over.
  void AddStates(int64_t index, const RecordedPhysics& states, int64_t length);
  /// After the last episode: what only all of them together show.
  void Finish(ProblemLog& log);

 private:
  std::string Place(int64_t episode, int64_t step = -1) const;
  void CheckActions(int64_t index, const Episode& episode, ProblemLog& log) const;
  void CheckResolution(ProblemLog& log) const;

  std::string path_;
  std::vector<double> action_low_, action_high_;
  std::optional<double> reference_min_, reference_max_;
  std::map<uint64_t, int64_t> first_;  // hash of an episode -> its index
  JumpCheck observations_, states_;
  int64_t state_columns_ = 0;
  // What float32 has to hold: the first observation, and how far from 0 and from it others lie.
  std::vector<double> start_, largest_, farthest_;
};

}  // namespace longplay
