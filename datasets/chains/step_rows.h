// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace longplay {

/// What the policy sees, one row per time step, in the policy's units (datasets/store/normalizer.h).
/// M rows; a batch has M = B * N. "Previous" is of the step before; at the start of an episode see
/// EpisodeBoundary.
struct StepRows {
  int64_t observation_size = 0;             // O
  int64_t action_size = 0;                  // A; discrete actions are one-hot
  std::vector<float> returns;               // [M] target return still to come
  std::vector<float> observations;          // [M, O]
  std::vector<float> previous_actions;      // [M, A]
  std::vector<float> previous_rewards;      // [M]
  std::vector<float> previous_completions;  // [M] 1 = the last step reached the target
  std::vector<int64_t> episode_steps;       // [M] time step within its episode, from 0
  std::vector<int64_t> episodes;            // [M] position of its episode in the chain, from 0

  /// All zero.
  static StepRows Zeros(int64_t rows, int64_t observation_size, int64_t action_size);

  /// Rows may hold anything then.
  void Resize(int64_t rows, int64_t observation_size, int64_t action_size);
  /// Zeros in one row.
  void Clear(int64_t row);
};

/// What a step's "previous" fields hold at the start of an episode that is not the chain's first:
/// zeros, or what the last episode ended with. At a chain's first step they are zero.
enum class EpisodeBoundary { kZeros, kCarry };

}  // namespace longplay
