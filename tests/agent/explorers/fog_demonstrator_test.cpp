// SPDX-License-Identifier: MIT
#include "agent/explorers/fog_demonstrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>

#include "agent/collecting/collect.h"
#include "agent/training/fit_to_data.h"
#include "datasets/episode_reader.h"
#include "tests/agent/filtering/fog_run.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

constexpr const char* kThinFog = "family/fog-v0?sigma=2&drift=0.02&steps=30";

std::string CollectFog(const std::string& name) {
  std::string path = TemporaryPath(name);
  const CollectResult result =
      Collect({.environment = kThinFog, .steps = 30 * 400, .out = path}, {});
  EXPECT_EQ(result.algorithm, "filter");
  EXPECT_EQ(result.episodes, 400);
  return path;
}

TEST(FogDemonstratorTest, RecordedActionsAreTheFiltersMeanAndEarnTheLimit) {
  const auto reader = OpenDataset(CollectFog("fog.hdf5"));
  EXPECT_EQ(reader->info().environment, kThinFog);
  EXPECT_EQ(reader->info().max_episode_steps, 30);
  EXPECT_THAT(reader->info().action_high, testing::ElementsAre(5, 5));
  const FogOptions task{.drift = 0.02, .sigma = 2};
  double earned = 0;
  for (int64_t e = 0; e < 400; ++e) {
    const Episode episode = reader->Read(e);
    ASSERT_EQ(episode.length(), 30);
    FogFilter filter(task);
    for (int64_t t = 0; t < 30; ++t) {
      filter.See(std::span(episode.observations).subspan(2 * t, 2));
      EXPECT_NEAR(episode.actions[2 * t], filter.mean()[0], 1e-6);  // float32 in the file
      EXPECT_NEAR(episode.actions[2 * t + 1], filter.mean()[1], 1e-6);
    }
    earned += std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0) / 400;
  }
  const std::vector<double> variances = FogVariances(task, 30);
  const double limit = -2 * std::accumulate(variances.begin(), variances.end(), 0.0);
  // The return of 400 episodes deviates by at most |limit| each if all steps were one.
  EXPECT_NEAR(earned, limit, 4 * -limit / 20);
}

TEST(FogDemonstratorTest, OtherEnvironmentsHaveNoFilter) {
  EXPECT_THAT(
      [] {
        Collect({.environment = "family/point-goal-v0",
                 .steps = 20,
                 .out = TemporaryPath("goal.hdf5"),
                 .algorithm = CollectAlgorithm::kFilter},
                {});
      },
      testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(
          "algorithm: filter: expected environment family/fog-v0, got family/point-goal-v0")));
}

TEST(FogDemonstratorTest, ReadingsAreOneStepApart) {
  EXPECT_THAT(
      [] {
        Collect({.environment = kThinFog,
                 .steps = 30,
                 .out = TemporaryPath("repeated.hdf5"),
                 .action_repeat = 2},
                {});
      },
      testing::ThrowsMessage<std::invalid_argument>(
          testing::HasSubstr("algorithm: filter: action_repeat: expected 1, got 2")));
}

TEST(FogDemonstratorTest, ItsDataRefuseSettingsThatGiveTheAnswerAway) {
  const EpisodeSet set = EpisodeSet::Load({CollectFog("fitted_fog.hdf5")});
  RunOptions options = FogRun("");
  EXPECT_EQ(FitToData(options, set).evaluate.environment, kThinFog);
  options.model.tokens.use_action = true;
  EXPECT_THAT([&] { FitToData(options, set); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("the demonstrator's actions are its filter")));
  // A method without a context has no tokens to refuse.
  options.train.method = Method::kTd3Bc;
  EXPECT_NO_THROW(FitToData(options, set));
}

}  // namespace
}  // namespace longplay
