// SPDX-License-Identifier: MIT
// The C interface of acting on several threads, with policies of the zoo: a program without LibTorch,
// so that the thread sanitizer sees all of it (./dev test --tsan).
#include "runtime/longplay.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace longplay {
namespace {

struct ClosesPolicy {
  void operator()(longplay_policy* policy) const { longplay_policy_close(policy); }
};
using SharedNothing = std::unique_ptr<longplay_policy, ClosesPolicy>;

SharedNothing OpenOfZoo(const std::string& name, int32_t chains) {
  longplay_policy_options options;
  longplay_policy_defaults(&options, sizeof options);
  options.chains = chains;
  options.act = LONGPLAY_ACT_SAMPLE;
  options.seed = 11;
  options.draw_every = 3;
  longplay_policy* policy = nullptr;
  char message[LONGPLAY_MESSAGE_SIZE] = "";
  const std::string folder = std::string(LONGPLAY_SOURCE_DIR "/zoo/") + name;
  EXPECT_EQ(longplay_policy_open(folder.c_str(), &options, &policy, message, sizeof message),
            LONGPLAY_OK)
      << message;
  return SharedNothing(policy);
}

/// A world of sines that plays two chains, whose actions are kept.
class SineWorld {
 public:
  explicit SineWorld(longplay_policy* policy) {
    about_.size = sizeof about_;
    EXPECT_EQ(longplay_policy_describe(policy, &about_), LONGPLAY_OK);
    observations_.resize(static_cast<size_t>(kChains * about_.observation_size));
    now_.resize(static_cast<size_t>(kChains * about_.action_columns));
  }

  static constexpr int64_t kChains = 2;

  void Act(longplay_policy* policy) {
    See();
    const longplay_view view = {observations_.data(), rewards_, starts_, nullptr};
    longplay_status status;
    EXPECT_EQ(longplay_policy_act(policy, &view, now_.data(), &status), LONGPLAY_OK)
        << longplay_policy_message(policy);
    actions_.insert(actions_.end(), now_.begin(), now_.end());
    ++step_;
  }

  /// What a chain did, read in by the other way; then a restart of one chain in the other.
  void ReadAndRestart(longplay_policy* policy) {
    constexpr int64_t kSteps = 5;
    std::vector<double> seen(static_cast<size_t>(kSteps * about_.observation_size), 0.25),
        taken(static_cast<size_t>(kSteps * about_.action_columns), 0), rewards(kSteps, 1.0);
    const std::vector<uint8_t> starts(kSteps, 0);
    for (int64_t i = 0; i < kChains; ++i) {
      const longplay_recording recording = {
          i, kSteps - i, seen.data(), taken.data(), rewards.data(), starts.data(), 0.5};
      EXPECT_EQ(longplay_policy_submit(policy, &recording, nullptr), LONGPLAY_OK);
    }
    int64_t left = 1;
    while (left > 0) EXPECT_EQ(longplay_policy_poll(policy, 1, &left, nullptr), LONGPLAY_OK);
    std::vector<char> saved(longplay_policy_saved_size(policy, 0));
    EXPECT_EQ(longplay_policy_save(policy, 0, saved.data(), saved.size(), nullptr), LONGPLAY_OK);
    EXPECT_EQ(longplay_policy_load(policy, 1, saved.data(), saved.size()), LONGPLAY_OK);
  }

  const std::vector<double>& actions() const { return actions_; }

 private:
  void See() {
    for (size_t k = 0; k < observations_.size(); ++k) {
      observations_[k] = std::sin(0.7 * static_cast<double>(step_) + static_cast<double>(k));
    }
    rewards_[0] = rewards_[1] = std::cos(static_cast<double>(step_));
    starts_[0] = starts_[1] = step_ % 10 == 0 ? 1 : 0;
  }

  longplay_policy_description about_{};
  int64_t step_ = 0;
  std::vector<double> observations_, now_, actions_;
  double rewards_[kChains] = {};
  uint8_t starts_[kChains] = {};
};

/// Everything between opening and closing.
std::vector<double> PlayWhole(const std::string& name) {
  const SharedNothing policy = OpenOfZoo(name, SineWorld::kChains);
  SineWorld world(policy.get());
  for (int step = 0; step < 25; ++step) world.Act(policy.get());
  world.ReadAndRestart(policy.get());
  for (int step = 0; step < 10; ++step) world.Act(policy.get());
  double difference = 1;
  EXPECT_EQ(longplay_policy_self_test(policy.get(), &difference), LONGPLAY_OK);
  return world.actions();
}

TEST(ActingThreadsTest, PoliciesOfDifferentThreadsShareNothing) {
  const std::vector<std::string> names = {"point_goal_2_episodes", "point_goal_8_episodes_mamba2",
                                          "point_goal_8_episodes_rwkv7",
                                          "cartpole_decision_transformer"};
  // Each policy twice, all at once: opening, acting, reading in, closing.
  std::vector<std::vector<double>> seen(2 * names.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < seen.size(); ++i) {
    threads.emplace_back([&, i] { seen[i] = PlayWhole(names[i % names.size()]); });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_FALSE(seen[i].empty());
    EXPECT_EQ(seen[i], seen[i + names.size()]) << names[i];
    EXPECT_EQ(seen[i], PlayWhole(names[i])) << names[i];
  }
}

TEST(ActingThreadsTest, OnePolicyIsHandedFromThreadToThread) {
  const SharedNothing alone = OpenOfZoo("point_goal_2_episodes", SineWorld::kChains);
  SineWorld expected(alone.get());
  for (int step = 0; step < 40; ++step) expected.Act(alone.get());

  const SharedNothing policy = OpenOfZoo("point_goal_2_episodes", SineWorld::kChains);
  SineWorld world(policy.get());
  std::mutex turn;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int step = 0; step < 10; ++step) {
        const std::lock_guard<std::mutex> mine(turn);
        world.Act(policy.get());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(world.actions(), expected.actions());
}

TEST(ActingThreadsTest, AFailureToOpenIsToldToItsOwnCaller) {
  std::vector<std::string> messages(4);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < messages.size(); ++i) {
    threads.emplace_back([&messages, i] {
      const std::string folder = "nowhere" + std::to_string(i);
      char message[LONGPLAY_MESSAGE_SIZE] = "";
      longplay_policy* policy = nullptr;
      EXPECT_EQ(longplay_policy_open(folder.c_str(), nullptr, &policy, message, sizeof message),
                LONGPLAY_NO_FILE);
      messages[i] = message;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_NE(messages[i].find("nowhere" + std::to_string(i) + "/"), std::string::npos);
  }
}

}  // namespace
}  // namespace longplay
