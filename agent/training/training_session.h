// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/runs/run_folder.h"
#include "agent/training/make_learner.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Everything that changes while training: what a checkpoint must hold to go on bit for bit.
class TrainingSession {
 public:
  /// `options` are fitted to the data. With RunStart::kResume it goes on from the newest checkpoint
  /// in `run` that is whole (damaged ones are set aside, SetAsideCheckpoint); else, or if there is
  /// none, from the policy of options.train.start_from, or from fresh weights. What the user should
  /// know goes to `notes`, a sentence each: a damaged checkpoint, another schedule.
  /// Throws std::invalid_argument when the checkpoint is of other data or of another policy, by
  /// key, and std::runtime_error when all checkpoints are damaged.
  TrainingSession(const RunOptions& options, const EpisodeSet& set, const std::string& run,
                  RunStart start, std::vector<std::string>& notes);

  /// Writes the checkpoint of the step done last into the run's folder, with `log` in it.
  void Save(const std::string& run, const nlohmann::json& log) const;

  /// Where it stands, without weights and the learner's state; and to stand there. For another rank.
  nlohmann::json Place() const;
  void StandAt(const nlohmann::json& place);

  Learner& learner() { return *made_.learner; }
  const PolicyRecord& record() const { return made_.record; }
  int64_t step() const { return made_.record.step; }         // done
  const nlohmann::json& log() const { return log_; }         // that the checkpoint had; or null
  const std::mt19937_64& random() const { return random_; }  // draws chains and windows

  /// Step `step` is done, and the draws stand where `random` does.
  void Advance(int64_t step, const std::mt19937_64& random) {
    made_.record.step = step;
    random_ = random;
  }

 private:
  void ResumeNewest(const std::string& run, std::vector<std::string>& notes);
  void Resume(const std::string& checkpoint, std::vector<std::string>& notes);

  LearnerAndRecord made_;
  nlohmann::json log_;
  std::mt19937_64 random_;
};

}  // namespace longplay
