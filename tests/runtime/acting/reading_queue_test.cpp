// SPDX-License-Identifier: MIT
#include "runtime/acting/reading_queue.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/runtime/played_chains.h"
#include "tests/runtime/small_policy.h"

namespace longplay {
namespace {

/// Steps of one chain of random numbers, in episodes of `episode` steps.
struct Recorded {
  Recorded(int64_t steps, int64_t episode, uint64_t seed) : starts(steps) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    for (int64_t t = 0; t < steps; ++t) {
      for (int i = 0; i < 3; ++i) observations.push_back(normal(random));
      for (int i = 0; i < 2; ++i) actions.push_back(std::tanh(normal(random)));
      rewards.push_back(normal(random));
      starts[t] = t % episode == 0;
    }
  }
  longplay_recording Of(int64_t chain) const {
    return {chain,
            static_cast<int64_t>(starts.size()),
            observations.data(),
            actions.data(),
            rewards.data(),
            starts.data(),
            0};
  }
  std::vector<double> observations, actions, rewards;
  std::vector<uint8_t> starts;
};

/// The same steps, one by one, for the only active chain.
void WatchOneByOne(longplay_policy* policy, const Recorded& recorded, int64_t chain,
                   int64_t chains) {
  std::vector<double> observations(3 * chains), rewards(chains), actions(2 * chains);
  std::vector<uint8_t> starts(chains), active(chains);
  active[chain] = 1;
  for (size_t t = 0; t < recorded.starts.size(); ++t) {
    std::copy_n(&recorded.observations[3 * t], 3, &observations[3 * chain]);
    std::copy_n(&recorded.actions[2 * t], 2, &actions[2 * chain]);
    rewards[chain] = t == 0 ? 0 : recorded.rewards[t - 1];
    starts[chain] = recorded.starts[t];
    const longplay_view view = {observations.data(), rewards.data(), starts.data(), active.data()};
    ASSERT_EQ(longplay_policy_watch(policy, &view, actions.data(), nullptr), LONGPLAY_OK)
        << longplay_policy_message(policy);
  }
}

/// Reads recordings of very different lengths in, both ways; then both act.
void ExpectTheSame(const RunOptions& run, const longplay_policy_options& options) {
  const std::vector<int64_t> lengths = {3, 90, 17, 1, 33, 70};
  const auto chains = static_cast<int64_t>(lengths.size());
  const SmallPolicy small = MakeSmallPolicy(run);
  const ActingHandle together = OpenActing(small.folder, options);
  const ActingHandle apart = OpenActing(small.folder, options);
  std::vector<Recorded> recorded;
  for (int64_t i = 0; i < chains; ++i) recorded.emplace_back(lengths[i], 11, 5 + i);
  int64_t left = 0, ticket = -1;
  for (int64_t i = 0; i < chains; ++i) {
    const longplay_recording recording = recorded[i].Of(i);
    ASSERT_EQ(longplay_policy_submit(together.get(), &recording, &ticket), LONGPLAY_OK)
        << longplay_policy_message(together.get());
    EXPECT_EQ(ticket, i);
    WatchOneByOne(apart.get(), recorded[i], i, chains);
  }
  // A few tokens at a time, so that rounds are left and taken up again.
  int calls = 0;
  do {
    ASSERT_EQ(longplay_policy_poll(together.get(), 10, &left, nullptr), LONGPLAY_OK)
        << longplay_policy_message(together.get());
  } while (left > 0 && ++calls < 1000);
  EXPECT_EQ(left, 0);
  std::vector<double> observations(3 * chains, 0.3), rewards, one(2 * chains), other(2 * chains);
  for (const Recorded& own : recorded) rewards.push_back(own.rewards.back());
  const std::vector<uint8_t> starts(chains, 0);
  const longplay_view view = {observations.data(), rewards.data(), starts.data(), nullptr};
  ASSERT_EQ(longplay_policy_act(together.get(), &view, one.data(), nullptr), LONGPLAY_OK);
  ASSERT_EQ(longplay_policy_act(apart.get(), &view, other.data(), nullptr), LONGPLAY_OK);
  // The same sums in other orders: rounding alone.
  for (size_t k = 0; k < one.size(); ++k) EXPECT_NEAR(one[k], other[k], 1e-5) << k;
}

TEST(ReadingQueueTest, ReadsWhatWatchingOneByOneReads) {
  for (const MixerKind mixer :
       {MixerKind::kAttention, MixerKind::kMamba, MixerKind::kMamba2, MixerKind::kTaipan,
        MixerKind::kRwkv, MixerKind::kRecurrentMemory, MixerKind::kMemSizer}) {
    RunOptions run = SmallOptions();
    run.model.mixer = mixer;
    run.model.attention.span = mixer == MixerKind::kAttention ? 9 : 0;
    ExpectTheSame(run, ActingDefaults(6));
  }
  RunOptions interleaved = SmallOptions();
  interleaved.model.tokens.layout = TokenLayout::kInterleaved;
  interleaved.model.tokens.follow_stream = true;
  ExpectTheSame(interleaved, ActingDefaults(6));
}

TEST(ReadingQueueTest, WindowsAreReadInToo) {
  RunOptions run = SmallOptions();
  run.chain.window = 7;
  ExpectTheSame(run, ActingDefaults(6));
  run = SmallOptions();
  run.model.episode_context = EpisodeContext::kReset;
  ExpectTheSame(run, ActingDefaults(6));
  longplay_policy_options options = ActingDefaults(6);
  options.window_episodes = 2;
  ExpectTheSame(SmallOptions(), options);
  options = ActingDefaults(6);
  options.context_steps = 5;
  ExpectTheSame(SmallOptions(), options);
}

TEST(ReadingQueueTest, WhatDoesNotFitIsDroppedAndTold) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  longplay_policy_options options = ActingDefaults(2);
  options.context_steps = 20;
  options.when_full = LONGPLAY_FULL_ERROR;
  const ActingHandle policy = OpenActing(small.folder, options);
  const Recorded longer(21, 50, 1), fits(20, 50, 2);
  const longplay_recording first = longer.Of(0), second = fits.Of(1);
  ASSERT_EQ(longplay_policy_submit(policy.get(), &first, nullptr), LONGPLAY_OK);
  ASSERT_EQ(longplay_policy_submit(policy.get(), &second, nullptr), LONGPLAY_OK);
  EXPECT_EQ(longplay_policy_submit(policy.get(), &second, nullptr), LONGPLAY_WRONG_ARGUMENT);
  int64_t left = -1;
  longplay_status status;
  EXPECT_EQ(longplay_policy_poll(policy.get(), -1, &left, &status), LONGPLAY_CONTEXT_FULL);
  EXPECT_EQ(left, 0);
  EXPECT_EQ(status.tokens, 40);
}

TEST(ReadingQueueTest, AChainThatWaitsCannotAct) {
  const SmallPolicy small = MakeSmallPolicy(SmallOptions());
  const ActingHandle policy = OpenActing(small.folder, ActingDefaults(1));
  const Recorded recorded(4, 50, 1);
  const longplay_recording recording = recorded.Of(0);
  ASSERT_EQ(longplay_policy_submit(policy.get(), &recording, nullptr), LONGPLAY_OK);
  const double reward[1] = {};
  const uint8_t start[1] = {0};
  double action[2];
  const longplay_view view = {recorded.observations.data(), reward, start, nullptr};
  EXPECT_EQ(longplay_policy_act(policy.get(), &view, action, nullptr), LONGPLAY_WRONG_ARGUMENT);
  ASSERT_EQ(longplay_policy_poll(policy.get(), -1, nullptr, nullptr), LONGPLAY_OK);
  EXPECT_EQ(longplay_policy_act(policy.get(), &view, action, nullptr), LONGPLAY_OK);
}

}  // namespace
}  // namespace longplay
