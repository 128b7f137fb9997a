// SPDX-License-Identifier: MIT
#include "runtime/network/chain.h"

#include <algorithm>
#include <cmath>

namespace longplay::runtime {
namespace {

/// A sum of rewards counts as the target when it differs by rounding only.
bool Reaches(double episode_return, double target) {
  return episode_return >= target - 1e-6 * std::max(1.0, std::fabs(target));
}

}  // namespace

StepWriter::StepWriter(const PolicyFacts& facts, const Rules& rules)
    : facts_(facts), rules_(rules), layout_{facts.action_size, facts.observation_size} {
  const UnitFacts& units = facts.units;
  for (size_t o = 0; o < units.observation_mean.size(); ++o) {
    const double offset = units.observation_offset.empty() ? 0 : units.observation_offset[o];
    center_.push_back(static_cast<float>(units.observation_mean[o] - offset));
    factor_.push_back(static_cast<float>(1 / units.observation_std[o]));
  }
}

void StepWriter::Restart(ActingChain& chain, double target) const {
  chain.asked = target;
  chain.target = chain.return_so_far = 0;
  chain.step = 0;
  chain.episode = -1;
  chain.previous_reward = chain.previous_completion = 0;
  chain.started = chain.decisions = 0;
  std::fill_n(chain.previous_action, facts_.action_size, 0.0F);
  std::fill_n(chain.last_action, facts_.action_size, 0.0F);
}

void StepWriter::Record(ActingChain& chain, double reward, bool last) const {
  std::copy_n(chain.last_action, facts_.action_size, chain.previous_action);
  chain.return_so_far += reward;
  chain.previous_reward = static_cast<float>(reward * facts_.units.reward_scale);
  chain.previous_completion = last && Reaches(chain.return_so_far, chain.target) ? 1.0F : 0.0F;
  ++chain.step;
}

void StepWriter::StartEpisode(ActingChain& chain) const {
  // The raise counts from the target that was reached.
  if (chain.started != 0 && chain.previous_completion != 0) {
    chain.asked += rules_.target_step * std::fabs(chain.asked);
  }
  const bool begins_chain = chain.started != 0 && rules_.single_episodes;
  if (begins_chain) chain.episode = -1;
  chain.target = chain.asked;
  chain.return_so_far = 0;
  chain.step = 0;
  ++chain.episode;
  // Otherwise the first row still shows how the episode before ended.
  if (begins_chain || !facts_.carries_boundary) {
    std::fill_n(chain.previous_action, facts_.action_size, 0.0F);
    chain.previous_reward = chain.previous_completion = 0;
  }
}

void StepWriter::Write(const ActingChain& chain, const double* observation,
                       const StepStore& to) const {
  const UnitFacts& units = facts_.units;
  std::copy_n(chain.previous_action, facts_.action_size, to.numbers + layout_.action());
  to.numbers[layout_.reward()] = chain.previous_reward;
  to.numbers[layout_.completion()] = chain.previous_completion;
  to.numbers[layout_.to_go()] =
      static_cast<float>((chain.target - chain.return_so_far) * units.return_scale);
  float* const row = to.numbers + layout_.observation();
  for (size_t o = 0; o < center_.size(); ++o) {
    // The offset is taken off before anything is rounded to float32, as in training.
    const double offset = units.observation_offset.empty() ? 0 : units.observation_offset[o];
    row[o] = (static_cast<float>(observation[o] - offset) - center_[o]) * factor_[o];
  }
  to.places[0] = chain.step;
  to.places[1] = chain.episode;
}

void StepWriter::ToTask(const float* chosen, double* action) const {
  const int64_t A = facts_.action_size;
  if (facts_.discrete) {
    action[0] = static_cast<double>(std::max_element(chosen, chosen + A) - chosen);
    return;
  }
  for (int64_t a = 0; a < A; ++a) {
    const auto at = static_cast<size_t>(a);
    action[a] = facts_.units.action_center[at] + facts_.units.action_scale[at] * chosen[a];
  }
}

void StepWriter::ToPolicy(const double* action, float* taken) const {
  const int64_t A = facts_.action_size;
  if (facts_.discrete) {
    std::fill_n(taken, A, 0.0F);
    taken[static_cast<int64_t>(action[0])] = 1;
    return;
  }
  for (int64_t a = 0; a < A; ++a) {
    const auto at = static_cast<size_t>(a);
    taken[a] = static_cast<float>((action[a] - facts_.units.action_center[at]) /
                                  facts_.units.action_scale[at]);
  }
}

bool StepWriter::IsAction(const double* action) const {
  if (facts_.discrete) {
    return action[0] >= 0 && action[0] < static_cast<double>(facts_.action_size) &&
           action[0] == std::floor(action[0]);
  }
  return std::all_of(action, action + facts_.action_size,
                     [](double number) { return std::isfinite(number); });
}

}  // namespace longplay::runtime
