// SPDX-License-Identifier: MIT
#include "agent/acting/episode_window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <stdexcept>

#include "agent/acting/make_policy.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/train.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

/// A decision of a made-up task, with what was done and earned.
struct Decision {
  std::vector<double> seen;
  double reward_before = 0;
  bool starts = false;
  double action = 0;
};

/// Episodes of 3, 4, 5, 3, 4 ... decisions; the policy's own actions.
std::vector<std::vector<Decision>> Play(const LoadedPolicy& loaded, const PolicyOptions& options,
                                        int64_t count) {
  const std::unique_ptr<Policy> policy = MakePolicy(loaded, options);
  std::vector<std::vector<Decision>> episodes(count);
  double reward = 0;
  for (int64_t e = 0; e < count; ++e) {
    for (int64_t t = 0; t < 3 + e % 3; ++t) {
      Decision now{.seen = {std::cos(static_cast<double>(5 * e + t)), static_cast<double>(t)},
                   .reward_before = reward,
                   .starts = t == 0};
      const std::vector<double> rewards = {reward};
      const std::vector<uint8_t> starts = {static_cast<uint8_t>(now.starts)}, active = {1};
      std::vector<double> action(1);
      policy->Act(
          {.observations = now.seen, .rewards = rewards, .starts = starts, .active = active},
          action);
      now.action = action[0];
      reward = 0.25 * now.action;
      episodes[e].push_back(now);
    }
  }
  return episodes;
}

/// Actions of a new policy in the last of these episodes, to which the others were shown first, as
/// the beginning of a chain.
std::vector<double> ActInLast(const LoadedPolicy& loaded, const PolicyOptions& options,
                              const std::vector<std::vector<Decision>>& episodes) {
  const std::unique_ptr<Policy> policy = MakePolicy(loaded, options);
  std::vector<double> actions;
  for (size_t e = 0; e < episodes.size(); ++e) {
    for (size_t t = 0; t < episodes[e].size(); ++t) {
      const Decision& now = episodes[e][t];
      const bool first = e == 0 && t == 0;  // nothing was earned before a chain
      const std::vector<double> rewards = {first ? 0 : now.reward_before};
      const std::vector<uint8_t> starts = {static_cast<uint8_t>(now.starts)}, active = {1};
      const RolloutView view{
          .observations = now.seen, .rewards = rewards, .starts = starts, .active = active};
      if (e + 1 < episodes.size()) {
        policy->Watch(view, std::vector<double>{now.action});
        continue;
      }
      std::vector<double> action(1);
      policy->Act(view, action);
      actions.push_back(action[0]);
    }
  }
  return actions;
}

using Case = std::tuple<MixerKind, TokenLayout, EpisodeBoundary>;
class EpisodeWindowTest : public testing::TestWithParam<Case> {};

TEST_P(EpisodeWindowTest, EveryEpisodeIsPlayedAsTheLastOfAChainOfW) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions run = SmallRun(set.info().path);
  run.train.steps = 2;
  run.model.mixer = std::get<0>(GetParam());
  run.model.tokens.layout = std::get<1>(GetParam());
  run.chain.boundary = std::get<2>(GetParam());
  run.chain.episodes = 3;
  run.model.mamba2.head_width = run.model.rwkv.head_width = 8;
  Train(run, set, TemporaryPath("run"), RunStart::kFresh, {});
  const LoadedPolicy loaded = LoadPolicy(TemporaryPath("run"), torch::kCPU);

  constexpr int64_t kWindow = 3, kPlayed = 7;
  const auto played = Play(loaded, {.target = 1, .window_episodes = kWindow}, kPlayed);
  for (int64_t e = 0; e < kPlayed; ++e) {
    const int64_t first = std::max<int64_t>(0, e - kWindow + 1);
    const std::vector<std::vector<Decision>> window(played.begin() + first, played.begin() + e + 1);
    const std::vector<double> wanted = ActInLast(loaded, {.target = 1}, window);
    ASSERT_EQ(wanted.size(), played[e].size());
    for (size_t t = 0; t < wanted.size(); ++t) {
      EXPECT_NEAR(played[e][t].action, wanted[t], 1e-5) << "episode " << e << ", decision " << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    , EpisodeWindowTest,
    testing::Values(Case{MixerKind::kAttention, TokenLayout::kMerged, EpisodeBoundary::kZeros},
                    Case{MixerKind::kAttention, TokenLayout::kInterleaved, EpisodeBoundary::kCarry},
                    Case{MixerKind::kMamba2, TokenLayout::kMerged, EpisodeBoundary::kCarry},
                    Case{MixerKind::kRwkv, TokenLayout::kInterleaved, EpisodeBoundary::kZeros}));

TEST(EpisodeWindowOptionsTest, OneInStepsBesideItIsRefused) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  Train(SmallRun(set.info().path), set, TemporaryPath("run"), RunStart::kFresh, {});
  const LoadedPolicy loaded = LoadPolicy(TemporaryPath("run"), torch::kCPU);
  try {
    MakePolicy(loaded, {.window = 4, .window_episodes = 2});
    FAIL() << "expected an error";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("expected 0 beside a window of 4 steps, got 2"));
  }
}

}  // namespace
}  // namespace longplay
