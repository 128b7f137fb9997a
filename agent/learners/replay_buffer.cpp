// SPDX-License-Identifier: MIT
#include "agent/learners/replay_buffer.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/randint.h>

#include <algorithm>

namespace longplay {

ReplayBuffer::ReplayBuffer(int64_t capacity, int64_t observation_size, int64_t action_size)
    : observation_size_(observation_size),
      action_size_(action_size),
      rows_(at::empty({capacity, 2 * observation_size + action_size + 2}, at::kFloat)) {}

void ReplayBuffer::Add(std::span<const double> observation, std::span<const float> action,
                       double reward, std::span<const double> next_observation, bool terminated) {
  // A row: observation, next observation, action, reward, 1 where the value goes on.
  float* row = rows_.mutable_data_ptr<float>() + next_ * rows_.size(1);
  const auto narrow = [](double value) { return static_cast<float>(value); };
  row = std::ranges::transform(observation, row, narrow).out;
  row = std::ranges::transform(next_observation, row, narrow).out;
  row = std::ranges::copy(action, row).out;
  *row++ = narrow(reward);
  *row = terminated ? 0.0F : 1.0F;
  // Full: the oldest transition is next.
  next_ = (next_ + 1) % rows_.size(0);
  size_ = std::min(size_ + 1, rows_.size(0));
}

TransitionBatch ReplayBuffer::Sample(int64_t count, const at::Generator& generator) const {
  const torch::Tensor rows =
      rows_.index_select(0, at::randint(size_, {count}, generator, at::kLong));
  const int64_t o = observation_size_;
  return {.observations = rows.narrow(1, 0, o),
          .actions = rows.narrow(1, 2 * o, action_size_),
          .rewards = rows.select(1, 2 * o + action_size_),
          .next_observations = rows.narrow(1, o, o),
          .continues = rows.select(1, 2 * o + action_size_ + 1)};
}

}  // namespace longplay
