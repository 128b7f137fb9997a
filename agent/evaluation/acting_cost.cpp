// SPDX-License-Identifier: MIT
#include "agent/evaluation/acting_cost.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <vector>

#include "agent/acting/make_policy.h"
#include "agent/acting/sequence_policy.h"
#include "agent/evaluation/evaluation.h"

namespace longplay {
namespace {

constexpr size_t kTimed = 32;  // decisions at the end of the context

using Clock = std::chrono::steady_clock;

double Seconds(Clock::duration duration) { return std::chrono::duration<double>(duration).count(); }

double Median(std::deque<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<int64_t>(values.size() / 2));
  return values[values.size() / 2];
}

}  // namespace

ActingCost MeasureActing(const LoadedPolicy& policy, const ActingLength& length) {
  const EvaluateOptions& evaluate = policy.record.options.evaluate;
  const std::unique_ptr<Policy> acting =
      MakePolicy(policy, ActingOptions(evaluate, 1, policy.record.best_return));
  const int64_t episodes = ForgetsEpisodes(policy, evaluate.context) ? 1 : length.episodes;
  // The mean observation every time: what a policy sees changes nothing of its cost.
  const std::vector<double>& observation = policy.record.normalizer.observation_mean;
  std::vector<double> actions(acting->description().action_columns);
  const std::vector<double> reward = {0};
  const std::vector<uint8_t> active = {1};
  std::deque<double> seconds;
  ActingCost cost;
  const auto start = Clock::now();
  for (int64_t step = 0; step < episodes * length.episode_steps; ++step) {
    const std::vector<uint8_t> starts = {step % length.episode_steps == 0};
    const auto decided = Clock::now();
    acting->Act(
        {.observations = observation, .rewards = reward, .starts = starts, .active = active},
        actions);
    // The last decisions count, where the context is longest.
    seconds.push_back(Seconds(Clock::now() - decided));
    if (seconds.size() > kTimed) seconds.pop_front();
    cost.context = step;
    if (Seconds(Clock::now() - start) > length.seconds) break;
  }
  cost.milliseconds = 1000 * Median(seconds);
  cost.state_bytes = acting->context_bytes();
  return cost;
}

}  // namespace longplay
