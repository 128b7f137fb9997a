// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "datasets/checks/problem_log.h"
#include "datasets/episode.h"

namespace longplay {

/// Warnings about what a sound file says: episodes that look joined (the state jumps within one),
/// episodes that are there twice, columns that float32 holds only roughly, ends that are two things at once, actions out of their range,
/// reference scores that cannot be. Sees every episode once, in memory that does not grow with the
/// number of steps.
class Lint {
 public:
  explicit Lint(const DatasetInfo& info);

  void Add(int64_t index, const Episode& episode, ProblemLog& log);
  /// After the last episode: what only all of them together show.
  void Finish(ProblemLog& log);

 private:
  /// A change of the observation that may turn out to be a jump.
  struct Change {
    int64_t episode = 0, step = 0;
    std::vector<float> size;  // of each number
  };

  std::string Place(int64_t episode, int64_t step = -1) const;
  void CheckActions(int64_t index, const Episode& episode, ProblemLog& log) const;
  void AddChange(int64_t episode, int64_t step, const double* a, const double* b);
  bool MayBeJump();
  double Jump(const std::vector<float>& size) const;
  void CheckResolution(ProblemLog& log) const;

  std::string path_;
  std::vector<double> action_low_, action_high_;
  std::optional<double> reference_min_, reference_max_;
  std::map<uint64_t, int64_t> first_;  // hash of an episode -> its index
  // Of every number of the observation: summed sizes of its changes, and how many there were.
  std::vector<double> sums_;
  std::vector<int64_t> counts_;
  std::vector<float> size_;     // of the change at hand
  std::vector<float> factors_;  // 1 / mean change / how many numbers move, of a moment ago
  // What float32 has to hold: the first observation, and how far from 0 and from it others lie.
  std::vector<double> start_, largest_, farthest_;
  int64_t changes_ = 0;
  std::vector<Change> candidates_;
  bool too_many_ = false;  // for memory: then jumps are the task's
};

}  // namespace longplay
