// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/acting/policy.h"
#include "runtime/longplay.h"

namespace longplay {

struct CloseActingPolicy {
  void operator()(longplay_policy* policy) const { longplay_policy_close(policy); }
};
using ActingHandle = std::unique_ptr<longplay_policy, CloseActingPolicy>;

inline longplay_policy_options ActingDefaults(int32_t chains) {
  longplay_policy_options options;
  longplay_policy_defaults(&options, sizeof options);
  options.chains = chains;
  return options;
}

inline ActingHandle OpenActing(const std::string& folder, const longplay_policy_options& options) {
  longplay_policy* policy = nullptr;
  char message[LONGPLAY_MESSAGE_SIZE] = "";
  if (longplay_policy_open(folder.c_str(), &options, &policy, message, sizeof message) !=
      LONGPLAY_OK) {
    throw std::runtime_error(message);
  }
  return ActingHandle(policy);
}

/// What B chains see, all of random numbers: chain i plays episodes of 2 + i, 3 + i, .. decisions
/// and is done after `episodes` of them, so that chains stand at different places and end apart.
class RandomChains {
 public:
  RandomChains(int64_t chains, int64_t observation_size, int64_t episodes)
      : observations(chains * observation_size),
        rewards(chains),
        starts(chains, 1),
        active(chains, 1),
        episodes_(episodes),
        episode_(chains, 0),
        step_(chains, 0) {
    Draw();
  }

  RolloutView view() const {
    return {.observations = observations, .rewards = rewards, .starts = starts, .active = active};
  }
  longplay_view acting_view() const {
    return {.observations = observations.data(),
            .rewards = rewards.data(),
            .starts = starts.data(),
            .active = active.data()};
  }
  bool done() const { return std::ranges::find(active, 1) == active.end(); }

  void Step() {
    for (size_t i = 0; i < active.size(); ++i) {
      starts[i] = ++step_[i] == static_cast<int64_t>(2 + i) + episode_[i];
      if (starts[i] == 0) continue;
      step_[i] = 0;
      if (++episode_[i] == episodes_) active[i] = 0;
    }
    Draw();
  }

  std::vector<double> observations, rewards;
  std::vector<uint8_t> starts, active;

 private:
  void Draw() {
    for (double& number : observations) number = 2 * normal_(random_);
    // Large enough for targets to be reached now and then.
    for (double& number : rewards) number = 1 + normal_(random_);
  }

  int64_t episodes_;
  std::vector<int64_t> episode_, step_;
  std::mt19937_64 random_{7};
  std::normal_distribution<double> normal_;
};

/// The largest difference of actions over all decisions of `chains` random chains.
inline double LargestDifference(Policy& ours, longplay_policy* acting, int64_t chains,
                                int64_t episodes) {
  const PolicyDescription sizes = ours.description();
  RandomChains world(chains, sizes.observation_size, episodes);
  std::vector<double> expected(chains * sizes.action_columns), got(expected.size());
  double most = 0;
  while (!world.done()) {
    ours.Act(world.view(), expected);
    const longplay_view view = world.acting_view();
    EXPECT_EQ(longplay_policy_act(acting, &view, got.data(), nullptr), LONGPLAY_OK)
        << longplay_policy_message(acting);
    for (size_t k = 0; k < got.size(); ++k) {
      if (world.active[k / sizes.action_columns] == 0) continue;
      most = std::max(most, std::fabs(got[k] - expected[k]));
    }
    world.Step();
  }
  return most;
}

}  // namespace longplay
