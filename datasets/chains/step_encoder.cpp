// SPDX-License-Identifier: MIT
#include "datasets/chains/step_encoder.h"

#include <algorithm>
#include <cmath>

namespace longplay {
namespace {

// A sum of rewards counts as the target when it differs by rounding only.
bool Reaches(double episode_return, double target) {
  return episode_return >= target - 1e-6 * std::max(1.0, std::abs(target));
}

}  // namespace

StepEncoder::StepEncoder(const Normalizer& normalizer, EpisodeBoundary boundary,
                         const std::vector<double>& offset)
    : normalizer_(&normalizer),
      boundary_(boundary),
      observation_map_(AffineMap::OfObservations(normalizer, offset)),
      previous_action_(normalizer.action_size(), 0.0F) {}

void StepEncoder::StartEpisode(double target) {
  target_ = target;
  return_so_far_ = 0;
  step_ = 0;
  ++episode_;
  // Otherwise the first row still shows how the episode before ended.
  if (boundary_ == EpisodeBoundary::kZeros) {
    std::ranges::fill(previous_action_, 0.0F);
    previous_reward_ = 0;
    previous_completion_ = 0;
  }
}

void StepEncoder::Write(std::span<const float> observation, StepRows& rows, int64_t row) const {
  observation_map_(observation.data(), rows.observations.data() + row * observation_map_.size());
  std::ranges::copy(previous_action_, rows.previous_actions.begin() + row * rows.action_size);
  rows.returns[row] = static_cast<float>((target_ - return_so_far_) * normalizer_->return_scale);
  rows.previous_rewards[row] = previous_reward_;
  rows.previous_completions[row] = previous_completion_;
  rows.episode_steps[row] = step_;
  rows.episodes[row] = episode_;
}

void StepEncoder::Record(std::span<const float> action, double reward, bool last) {
  std::ranges::copy(action, previous_action_.begin());
  return_so_far_ += reward;
  previous_reward_ = static_cast<float>(reward * normalizer_->reward_scale);
  previous_completion_ = last && Reaches(return_so_far_, target_) ? 1.0F : 0.0F;
  ++step_;
}

void StepEncoder::Skip(std::span<const float> rewards, std::span<const float> action, bool ends) {
  if (rewards.empty()) return;
  // All but the last only add up; the last one is what the next row shows.
  for (const float reward : rewards.first(rewards.size() - 1)) return_so_far_ += reward;
  step_ += static_cast<int64_t>(rewards.size()) - 1;
  Record(action, rewards.back(), ends);
}

}  // namespace longplay
