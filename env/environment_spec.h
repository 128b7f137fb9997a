// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace longplay {

/// What an action is: A numbers within bounds, or the number of one of A choices, from 0.
enum class ActionSpace { kContinuous, kDiscrete };

/// What a caller must know of an environment.
struct EnvironmentSpec {
  std::string id;
  int64_t observation_size = 0;                 // O
  int64_t action_size = 0;                      // A; of discrete actions how many there are
  int64_t max_episode_steps = 0;                // [decisions], after action repeat
  std::vector<double> action_low, action_high;  // [A] bounds of continuous actions
  int64_t parameter_size =
      0;  // numbers hidden from the observation, drawn once per chain; 0 = none
  ActionSpace action_space = ActionSpace::kContinuous;

  /// Numbers that an action takes where actions are handed over: A, or 1 for a discrete one.
  int64_t action_columns() const {
    return action_space == ActionSpace::kDiscrete ? 1 : action_size;
  }
};

/// Which hidden parameters a task family draws from; other tasks ignore it.
enum class ParameterSet { kTraining, kHeldOut };

struct EnvironmentOptions {
  int64_t batch = 1;              // simulations stepped together
  int64_t action_repeat = 1;      // each action is applied this often; rewards add up
  int64_t max_episode_steps = 0;  // [decisions]; 0 = the task's own limit divided by action_repeat
  int threads = 0;                // 0 = one per logical CPU
  ParameterSet parameters = ParameterSet::kTraining;
  // The task's own options by its original's names, e.g. {"healthy_z_range", "0.7,inf"}: numbers,
  // pairs of numbers, true or false, names. An unknown name is refused.
  std::map<std::string, std::string> arguments = {};
  // Gymnasium computes costs of control in the precision of the array of actions that it is given:
  // true gives the rewards of float32 actions (numpy 2), for the replay of recorded data.
  bool float32_actions = false;
};

// For environments themselves.

/// Throws std::invalid_argument, naming the field, for a value that is out of range; arguments are
/// the task's to check.
void CheckOptions(const EnvironmentOptions& options);

/// [control steps] of the longest episode with these options, where the task's own are `own`.
int64_t LongestEpisode(const EnvironmentOptions& options, int64_t own);

/// Throws std::invalid_argument "<what>: expected N values, got M".
void CheckSize(const std::string& what, size_t got, int64_t expected);

/// Throws std::invalid_argument when there is no simulation i among `batch`.
void CheckSimulation(int64_t i, int64_t batch);

/// What Environment::Step refuses; `over` [B] != 0: the simulation has no running episode.
void CheckStep(const EnvironmentSpec& spec, std::span<const double> actions,
               std::span<const uint8_t> active, std::span<const uint8_t> over);

}  // namespace longplay
