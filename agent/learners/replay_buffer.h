// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <cstdint>
#include <span>

namespace longplay {

/// Transitions drawn for one update. All float32.
struct TransitionBatch {
  torch::Tensor observations;       // [B, O]
  torch::Tensor actions;            // [B, A] in [-1, 1]
  torch::Tensor rewards;            // [B]
  torch::Tensor next_observations;  // [B, O]
  torch::Tensor continues;          // [B] 0 = the task ended the episode here, 1 = it goes on
};

/// The most recent transitions; once full, new ones take the place of the oldest.
class ReplayBuffer {
 public:
  ReplayBuffer(int64_t capacity, int64_t observation_size, int64_t action_size);

  /// A time limit is no termination: what lies beyond still has a value.
  void Add(std::span<const double> observation, std::span<const float> action, double reward,
           std::span<const double> next_observation, bool terminated);

  /// Uniform with replacement; the buffer must not be empty.
  TransitionBatch Sample(int64_t count, const at::Generator& generator) const;

  int64_t size() const { return size_; }

 private:
  int64_t observation_size_, action_size_, size_ = 0, next_ = 0;
  torch::Tensor rows_;  // [capacity, 2 O + A + 2] float32
};

}  // namespace longplay
