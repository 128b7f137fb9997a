// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "env/environment.h"

namespace longplay {

/// Recorded steps of one environment, as in D4RL's flat layout. The spans are the caller's.
struct Trace {
  std::span<const double> actions;            // [N, A]
  std::span<const double> next_observations;  // [N, O]
  std::span<const double> rewards;            // [N]
  std::span<const uint8_t> terminals;         // [N] the task ended the episode at this step
  std::span<const uint8_t> timeouts;          // [N] or empty: a limit did
  // Before each step: either the full physics state, or joint positions and velocities.
  std::span<const double> states;      // [N, S] mjSTATE_INTEGRATION vectors, or empty
  std::span<const double> positions;   // [N, nq]
  std::span<const double> velocities;  // [N, nv]
  // Model fields that the task draws anew for each episode (targets), by name: [N, size].
  std::map<std::string, std::span<const double>> model;
  // What was recorded in float32 is compared after rounding to float32; float32 actions also make
  // Gymnasium's costs of control float32.
  bool float32_actions = false, float32_observations = false, float32_rewards = false;
  std::map<std::string, std::string> arguments;  // the task's own options
};

struct ReplayResult {
  int64_t steps = 0;
  double max_observation_error = 0;  // largest absolute difference
  double max_reward_error = 0;
  int64_t end_mismatches = 0;  // steps at which one side ended the episode and the other did not
  int64_t diverged = 0;        // steps at which the simulation became unusable; none are compared
};

/// What the environment to replay a trace in is made with.
EnvironmentOptions ReplayOptions(const Trace& trace, int threads);

/// Replays the recorded actions in the simulator and compares. With full states an episode starts
/// from its first one and runs on actions alone (equal to the last bit on the same MuJoCo);
/// otherwise every step starts from the recorded positions and velocities.
/// `on_progress` is called with the number of steps done.
/// Throws std::invalid_argument when the environment has no physics states, or sizes do not fit it,
/// naming the array.
ReplayResult Replay(Environment& environment, const Trace& trace,
                    const std::function<void(int64_t)>& on_progress);

}  // namespace longplay
