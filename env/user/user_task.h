// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "env/dm_control/tolerance.h"
#include "env/environment.h"
#include "env/user/quantity_options.h"

namespace longplay {

/// A summand of the reward: weight * (what is made of a quantity).
struct RewardTerm {
  enum class Measure { kValue, kAbsolute, kSquares, kNorm, kTolerance };
  QuantityOptions quantity;
  Measure measure = Measure::kValue;  // kSquares: their sum; kNorm: its root; others need 1 number
  double weight = 1;
  ToleranceOptions tolerance;  // for kTolerance
};

/// The episode ends when the quantity (1 number) leaves the range.
struct TerminationRule {
  QuantityOptions quantity;
  double lowest = -std::numeric_limits<double>::infinity();
  double highest = std::numeric_limits<double>::infinity();
};

/// How episodes start: the model's own pose or a keyframe's, and noise.
struct StartOptions {
  std::string where;          // stands before messages
  std::string keyframe;       // "" = none
  double position_noise = 0;  // uniform in +- this on every number of qpos
  double velocity_noise = 0;  // the same of qvel; normal_velocity: its standard deviation
  bool normal_velocity = false;
};

/// A task for a robot of the user's own.
struct UserTaskOptions {
  std::string where;                            // stands before messages: "crawler.yaml"
  std::string where_model, where_control_step;  // the same with line and key
  std::string model;                            // path of an MJCF file
  double control_step = 0;           // [s] a multiple of the model's timestep; 0 = the timestep
  int64_t max_episode_steps = 1000;  // [control steps]
  std::vector<QuantityOptions> observation;
  std::vector<RewardTerm> reward;
  std::vector<TerminationRule> termination;
  StartOptions start;
};

/// Throws std::invalid_argument, "reading task: <where>: expected X, got Y", when the description
/// does not fit the model, and for bad options; std::runtime_error when there is no model.
std::unique_ptr<Environment> MakeUserEnvironment(const UserTaskOptions& task,
                                                 const EnvironmentOptions& options);

}  // namespace longplay
