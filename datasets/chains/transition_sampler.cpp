// SPDX-License-Identifier: MIT
#include "datasets/chains/transition_sampler.h"

#include <algorithm>
#include <stdexcept>

namespace longplay {
namespace {

std::vector<float> Inverse(const std::vector<double>& values) {
  std::vector<float> inverse;
  inverse.reserve(values.size());
  for (const double value : values) inverse.push_back(static_cast<float>(1 / value));
  return inverse;
}

}  // namespace

TransitionSampler::TransitionSampler(const TrajectorySet& set, const Normalizer& normalizer)
    : set_(&set),
      observation_mean_(normalizer.observation_mean.begin(), normalizer.observation_mean.end()),
      observation_factor_(Inverse(normalizer.observation_std)),
      action_center_(normalizer.action_center.begin(), normalizer.action_center.end()),
      action_factor_(Inverse(normalizer.action_scale)) {
  int64_t end = 0;
  for (int64_t e = 0; e < set.episodes(); ++e) {
    const bool last_counts = set.terminated(e) || !set.final_observation(e).empty();
    end += set.length(e) - (last_counts ? 0 : 1);
    ends_.push_back(end);
  }
  if (end == 0) {
    throw std::invalid_argument("sampling transitions: " + set.info().path +
                                ": expected steps with what followed them, got none");
  }
}

void TransitionSampler::Draw(int64_t count, std::mt19937_64& random, TransitionRows& rows) const {
  const auto observation_size = static_cast<int64_t>(observation_mean_.size());
  rows.observations.resize(count * observation_size);
  rows.next_observations.resize(count * observation_size);
  rows.actions.resize(count * static_cast<int64_t>(action_center_.size()));
  rows.rewards.resize(count);
  rows.continues.resize(count);
  std::uniform_int_distribution<int64_t> draw(0, size() - 1);
  for (int64_t row = 0; row < count; ++row) Write(draw(random), row, rows);
}

void TransitionSampler::Write(int64_t index, int64_t row, TransitionRows& rows) const {
  const int64_t e = std::ranges::upper_bound(ends_, index) - ends_.begin();
  const int64_t t = index - (e == 0 ? 0 : ends_[e - 1]);
  const auto observation_size = static_cast<int64_t>(observation_mean_.size());
  const auto action_size = static_cast<int64_t>(action_center_.size());
  const bool last = t + 1 == set_->length(e);

  const float* observation = set_->observations(e).data() + t * observation_size;
  const float* next = observation + observation_size;
  if (last)
    next = set_->final_observation(e).empty() ? observation : set_->final_observation(e).data();
  Normalize(observation, rows.observations.data() + row * observation_size);
  Normalize(next, rows.next_observations.data() + row * observation_size);

  const float* action = set_->actions(e).data() + t * action_size;
  float* out = rows.actions.data() + row * action_size;
  for (int64_t k = 0; k < action_size; ++k) {
    out[k] = (action[k] - action_center_[k]) * action_factor_[k];
  }
  rows.rewards[row] = set_->rewards(e)[t];
  rows.continues[row] = last && set_->terminated(e) ? 0.0F : 1.0F;
}

void TransitionSampler::Normalize(const float* observation, float* out) const {
  for (size_t k = 0; k < observation_mean_.size(); ++k) {
    out[k] = (observation[k] - observation_mean_[k]) * observation_factor_[k];
  }
}

}  // namespace longplay
