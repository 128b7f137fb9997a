// SPDX-License-Identifier: MIT
#include "agent/evaluation/action_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/batches/step_tensors.h"
#include "agent/training/train.h"
#include "datasets/chains/fill_batch.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

LoadedPolicy TrainedPolicy(const RunOptions& options) {
  static int count = 0;
  const std::string run = TemporaryPath("run" + std::to_string(count++));
  Train(options, EpisodeSet::Load(options.data.files), run, RunStart::kFresh, {});
  return LoadPolicy(run, torch::kCPU);
}

PlaceSums Total(const std::vector<PlaceSums>& places) {
  PlaceSums total;
  for (const PlaceSums& place : places) {
    total.steps += place.steps;
    total.error += place.error;
    total.likelihood += place.likelihood;
    total.right += place.right;
  }
  return total;
}

/// The training loss of the first chain that seed 0 draws, computed as the trainer does.
double LossOfFirstChain(const LoadedPolicy& policy, const EpisodeSet& set) {
  const ChainOptions& chain = policy.record.options.chain;
  std::mt19937_64 random(0);
  const Chain drawn = ChainSampler(set, chain).Sample(random);
  Batch batch = MakeBatch(set, policy.record.normalizer, {drawn}, chain, random);
  PolicyNetwork network = policy.network;
  const torch::NoGradGuard no_grad;
  const auto output = network->forward(ToStepTensors(batch.rows, 1, torch::kFloat32));
  const auto actions = torch::from_blob(batch.target_actions.data(),
                                        {1, batch.steps, policy.record.normalizer.action_size()});
  return ActionLoss(policy.record.options.model.head, output, actions,
                    torch::ones({1, batch.steps}, torch::kBool))
      .mean()
      .item<double>();
}

// It once ended in "Accessing empty ModuleHolder".
TEST(ActionErrorTest, AnActorWithoutContextIsRefusedInOneLine) {
  RunOptions options = SmallRun(WriteSmallData());
  options.train.method = Method::kTd3Bc;
  options.methods.td3_bc.hidden = 16;
  options.methods.td3_bc.batch = 32;
  EXPECT_THAT(
      [&] {
        MeasureActionError(TrainedPolicy(options), EpisodeSet::Load(options.data.files), {}, {});
      },
      testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("got an actor")));
}

TEST(ActionErrorTest, SquaredErrorIsTheTrainingLossOfTheSameChain) {
  const RunOptions options = SmallRun(WriteSmallData());
  const LoadedPolicy policy = TrainedPolicy(options);
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const ActionErrorResult result = MeasureActionError(policy, set, {.chains = 1});
  const PlaceSums total = Total(result.by_episode[0]);
  EXPECT_EQ(total.steps, 12);
  EXPECT_NEAR(total.error / 12, LossOfFirstChain(policy, set), 1e-6);  // float32 sums
  EXPECT_TRUE(result.training_data);
}

TEST(ActionErrorTest, AGaussianAlsoHasALikelihood) {
  RunOptions options = SmallRun(WriteSmallData());
  options.head = ActionHead::kGaussian;
  const LoadedPolicy policy = TrainedPolicy(options);
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const ActionErrorResult result = MeasureActionError(policy, set, {.chains = 1});
  EXPECT_NEAR(Total(result.by_episode[0]).likelihood / 12, LossOfFirstChain(policy, set), 1e-6);
  EXPECT_GT(Total(result.by_episode[0]).error, 0);
  EXPECT_TRUE(ToJson(std::span(&result, 1))["error"][0].contains("negative_log_likelihood"));
}

TEST(ActionErrorTest, CategoriesHaveCrossEntropyAndAccuracy) {
  MinariWriter writer(
      TemporaryPath("discrete"),
      {.observation_size = 2, .action_size = 3, .action_kind = ActionKind::kDiscrete});
  for (int64_t e = 0; e < 4; ++e) {
    Episode episode{.observation_size = 2, .action_columns = 1, .truncated = true};
    for (int64_t t = 0; t <= 5; ++t) {
      episode.observations.insert(episode.observations.end(), {1.0 * (t % 3), 1.0 * e});
      if (t == 5) break;
      episode.actions.push_back(static_cast<double>(t % 3));
      episode.rewards.push_back(1);
    }
    writer.Write(episode);
  }
  writer.Finish();
  const RunOptions options = SmallRun(TemporaryPath("discrete"));
  const LoadedPolicy policy = TrainedPolicy(options);
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const ActionErrorResult result = MeasureActionError(policy, set, {.chains = 1});
  EXPECT_NEAR(Total(result.by_episode[0]).error / 10, LossOfFirstChain(policy, set), 1e-6);
  const nlohmann::json json = ToJson(std::span(&result, 1));
  EXPECT_EQ(json["measure"], "cross-entropy");
  const double accuracy = json["error"][0]["accuracy"]["mean"];
  EXPECT_GE(accuracy, 0);
  EXPECT_LE(accuracy, 1);
}

TEST(ActionErrorTest, PositionsDoubleAndCoverEveryStepOnce) {
  const RunOptions options = SmallRun(WriteSmallData());
  const LoadedPolicy policy = TrainedPolicy(options);
  const ActionErrorResult result =
      MeasureActionError(policy, EpisodeSet::Load(options.data.files), {.chains = 2});
  std::vector<int64_t> steps;
  for (const PlaceSums& place : result.by_position[1]) steps.push_back(place.steps);
  EXPECT_EQ(steps, (std::vector<int64_t>{1, 1, 2, 4, 4}));  // 0, 1, 2-3, 4-7, 8-11
  EXPECT_NEAR(Total(result.by_position[1]).error, Total(result.by_episode[1]).error, 1e-6);
  const nlohmann::json json = ToJson(std::span(&result, 1));
  EXPECT_EQ(json["by_position"][3]["from"], 4);
  EXPECT_EQ(json["by_position"][3]["to"], 7);
}

TEST(ActionErrorTest, AnyNumberOfEpisodesAndTheSameSeedTheSameNumbers) {
  const RunOptions options = SmallRun(WriteSmallData());
  const LoadedPolicy policy = TrainedPolicy(options);
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const auto measure = [&](uint64_t seed) {
    const ActionErrorResult result =
        MeasureActionError(policy, set, {.chains = 3, .episodes = 5, .seed = seed});
    return ToJson(std::span(&result, 1));
  };
  const nlohmann::json json = measure(1);
  EXPECT_EQ(json["error"].size(), 5U);  // trained with 2
  EXPECT_EQ(json["interval"]["count"], 3);
  EXPECT_EQ(json, measure(1));
  EXPECT_NE(json, measure(2));
}

// Of a sorted chain the last episode is the best: policies of any length must meet the same one.
TEST(ActionErrorTest, TheEndsOfLongerChainsAreTheSameForEveryLength) {
  RunOptions options = SmallRun(WriteSmallData());
  options.model.episode_context = EpisodeContext::kReset;  // blind for how many came before
  options.model.episode_embedding = false;
  options.chain.target = ChainTarget::kOwnReturn;
  const LoadedPolicy policy = TrainedPolicy(options);
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const auto last = [&](int64_t episodes, int64_t drawn) {
    const auto result = MeasureActionError(policy, set, {6, episodes, drawn, 3});
    double sum = 0;
    for (const auto& chain : result.by_episode) sum += chain.at(episodes - 1).error;
    return sum;
  };
  EXPECT_NEAR(last(2, 4), last(4, 0), 1e-4);
  EXPECT_NEAR(last(1, 4), last(4, 0), 1e-4);
  EXPECT_GT(std::abs(last(1, 0) - last(4, 0)), 1e-2);  // what it once was scored on

  // Histories that are shorter than what is asked for: as many as there are.
  options.chain.source = ChainSource::kHistory;
  EXPECT_NO_THROW(MeasureActionError(TrainedPolicy(options), set, {2, 2, 1000, 3}));
}

// More chains refine a result: they do not replace it.
TEST(ActionErrorTest, TheFirstChainsOfManyAreThoseOfFew) {
  const RunOptions options = SmallRun(WriteSmallData());
  const LoadedPolicy policy = TrainedPolicy(options);
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const ActionErrorResult few = MeasureActionError(policy, set, {.chains = 2, .seed = 5});
  const ActionErrorResult many = MeasureActionError(policy, set, {.chains = 7, .seed = 5});
  for (size_t chain = 0; chain < 2; ++chain) {
    for (size_t e = 0; e < few.by_episode[chain].size(); ++e) {
      EXPECT_EQ(few.by_episode[chain][e].steps, many.by_episode[chain][e].steps);
      EXPECT_EQ(few.by_episode[chain][e].error, many.by_episode[chain][e].error);
    }
  }
  EXPECT_NE(many.by_episode[2][0].error, many.by_episode[0][0].error);
}

TEST(ActionErrorTest, TrainingLowersTheErrorOnHeldOutData) {
  RunOptions options = SmallRun(WriteSmallData());
  const LoadedPolicy early = TrainedPolicy(options);
  options.train.steps = 300;
  const LoadedPolicy late = TrainedPolicy(options);
  std::filesystem::rename(WriteSmallData(0.25), TemporaryPath("held_out"));
  const EpisodeSet held_out = EpisodeSet::Load({TemporaryPath("held_out")});
  const auto error = [&](const LoadedPolicy& policy) {
    const ActionErrorResult result = MeasureActionError(policy, held_out, {.chains = 4});
    EXPECT_FALSE(result.training_data);
    return ToJson(std::span(&result, 1))["error"][1]["mean"].get<double>();
  };
  EXPECT_LT(error(late), 0.3 * error(early));
}

}  // namespace
}  // namespace longplay
