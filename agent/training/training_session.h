// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "agent/config/run_options.h"
#include "agent/training/make_learner.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Everything that changes while training: what a checkpoint must hold to go on bit for bit.
class TrainingSession {
 public:
  /// `options` are fitted to the data. Goes on from `checkpoint`, or if there is none from the
  /// policy of options.train.start_from, or from fresh weights.
  /// Throws std::invalid_argument when the checkpoint is of other data, else as LoadPolicy.
  TrainingSession(const RunOptions& options, const EpisodeSet& set, const std::string& checkpoint);

  /// Writes the checkpoint of the step done last into the run's folder.
  void Save(const std::string& run) const;

  Learner& learner() { return *made_.learner; }
  const PolicyRecord& record() const { return made_.record; }
  int64_t step() const { return made_.record.step; }         // done
  const std::mt19937_64& random() const { return random_; }  // draws chains and windows

  /// Step `step` is done, and the draws stand where `random` does.
  void Advance(int64_t step, const std::mt19937_64& random) {
    made_.record.step = step;
    random_ = random;
  }

 private:
  void Resume(const std::string& checkpoint);

  LearnerAndRecord made_;
  std::mt19937_64 random_;
};

}  // namespace longplay
