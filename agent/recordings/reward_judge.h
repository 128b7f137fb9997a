// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/validate.h"
#include "env/environment.h"

namespace longplay {

/// Rewards of recorded steps by a task, from recorded physics states. Where the state after every
/// step is there and the task judges states, reward t is that of the state which step t reached;
/// else each step is played again, from the state before it with its recorded action.
class RewardJudge {
 public:
  /// `data` stands in messages; `environment` is an id or a task file. Throws
  /// std::invalid_argument when it has no physics states.
  RewardJudge(std::string data, std::string environment, int threads);

  /// [N]. Throws std::invalid_argument when there are no states or they do not fit the task.
  std::vector<double> Rewards(const Episode& episode, const RecordedPhysics& physics);

 private:
  [[noreturn]] void Refuse(const std::string& expected, const std::string& got) const;
  std::vector<double> PlayedAgain(const Episode& episode, const RecordedPhysics& physics);

  std::string data_, id_;
  std::unique_ptr<Environment> environment_;
  PhysicsStates* states_;  // the environment's
};

/// Warnings about rewards that are not those of the recorded states: shifted by a step, or others.
/// Looks at some hundred steps; nothing for data without states or a task that we have.
std::vector<Problem> CheckRewards(const std::string& path);

}  // namespace longplay
