// SPDX-License-Identifier: MIT
#include "agent/policy.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "agent/checkpoint.h"
#include "agent/step_tensors.h"
#include "agent/trainer.h"
#include "model/action_head.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

std::string TrainedRun(TokenLayout layout) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.model.tokens.layout = layout;
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  return TemporaryPath("run");
}

/// Plays two episodes of a made-up task in one context and records them.
std::vector<Episode> PlayTwoEpisodes(const std::string& run, const PolicyOptions& options) {
  ContextPolicy policy = ContextPolicy::Load(run, options);
  std::vector<Episode> episodes;
  std::vector<double> reward = {0};
  for (int64_t e = 0; e < 2; ++e) {
    Episode episode{.observation_size = 2, .action_columns = 1, .terminated = true};
    for (int64_t t = 0; t < 4 + e; ++t) {
      const std::vector<double> seen = {std::cos(static_cast<double>(5 * e + t)),
                                        static_cast<double>(t)};
      const std::vector<uint8_t> starts = {static_cast<uint8_t>(t == 0)}, active = {1};
      std::vector<double> action(1);
      policy({.observations = seen, .rewards = reward, .starts = starts, .active = active}, action);
      episode.observations.insert(episode.observations.end(), seen.begin(), seen.end());
      episode.actions.push_back(action[0]);
      reward = {static_cast<double>(e + 1) * 0.25};  // exact in float32
      episode.rewards.push_back(reward[0]);
    }
    episode.observations.insert(episode.observations.end(), {0, 0});
    episodes.push_back(episode);
  }
  return episodes;
}

class PolicyTest : public testing::TestWithParam<TokenLayout> {};

// What a roll-out fed step by step through the caches is, as recorded data, what training sees; and
// the network run on that in one piece chooses the same actions.
TEST_P(PolicyTest, CachedRolloutEqualsAFullForwardOverTheRecordedEpisodes) {
  const std::string run = TrainedRun(GetParam());
  const double target = 5 * 0.5;  // the second episode's return: the chain's best when recorded
  const std::vector<Episode> episodes = PlayTwoEpisodes(run, {.target = target});
  MinariWriter writer(TemporaryPath("played"), {.observation_size = 2, .action_size = 1});
  for (const Episode& episode : episodes) writer.Write(episode);
  writer.Finish();
  const TrajectorySet set = TrajectorySet::Load({TemporaryPath("played")});

  const LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  std::mt19937_64 random(0);
  const ChainOptions chain{.episodes = 2, .order = ChainOrder::kCollected};
  Batch batch = MakeBatch(set, policy.record.normalizer, {MakeChain(set, {0, 1}, chain, random)},
                          chain, random);
  PolicyNetwork network = policy.network;
  const torch::NoGradGuard no_grad;
  const torch::Tensor output = network->forward(ToStepTensors(batch.rows, 1, torch::kFloat32));
  const torch::Tensor actions = ChooseAction(policy.record.options.model.head, output[0],
                                             ActionChoice::kMean, at::detail::createCPUGenerator(0))
                                    .clamp(-1, 1);  // [N, A]
  int64_t row = 0;
  for (const Episode& episode : episodes) {
    for (const double action : episode.actions) {
      EXPECT_NEAR(actions[row++][0].item<double>(), action, 1e-5);
    }
  }
  EXPECT_EQ(row, 9);
}

TEST_P(PolicyTest, SampledActionsAreRepeatableBySeed) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.head = ActionHead::kGaussian;
  options.model.tokens.layout = GetParam();
  const std::string run = TemporaryPath("gaussian");
  Train(options, set, run, RunStart::kFresh, {});
  const auto actions = [&](uint64_t seed) {
    return PlayTwoEpisodes(run, {.target = 1, .sample = true, .seed = seed})[1].actions;
  };
  EXPECT_EQ(actions(1), actions(1));
  EXPECT_NE(actions(1), actions(2));
}

INSTANTIATE_TEST_SUITE_P(Layouts, PolicyTest,
                         testing::Values(TokenLayout::kMerged, TokenLayout::kInterleaved),
                         [](const auto& info) {
                           return info.param == TokenLayout::kMerged ? "Merged" : "Interleaved";
                         });

}  // namespace
}  // namespace longplay
