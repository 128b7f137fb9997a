// SPDX-License-Identifier: MIT
#include "agent/training/fit_to_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "agent/runs/run_folder.h"
#include "agent/training/train.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

TEST(FitToDataTest, TablesOfPlacesAreAsLongAsTheDataAndTheChains) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});  // episodes of 6 steps
  RunOptions options = SmallRun(set.info().path);
  options.chain.episodes = 3;
  const RunOptions fitted = FitToData(options, set);
  EXPECT_EQ(fitted.model.max_episode_steps, 6);
  EXPECT_EQ(fitted.model.max_episodes, 3);
}

TEST(FitToDataTest, OnlyAMethodWithoutValuesLearnsFromLabels) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.data.labels = "label";
  FitToData(options, set);
  options.train.method = Method::kIql;
  EXPECT_THAT([&] { FitToData(options, set); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("data.labels: expected none (\"\") for train.method iql")));
}

TEST(FitToDataTest, TheDatasOwnLimitCountsWhereEpisodesAreShorter) {
  const std::string path = TemporaryPath("limited");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1, .max_episode_steps = 9});
  writer.Write({.observation_size = 1,
                .action_columns = 1,
                .observations = {1, 2, 3},
                .actions = {0.5, 0.5},
                .rewards = {1, 1},
                .terminated = true});
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({path});
  const RunOptions fitted = FitToData(SmallRun(path), set);
  EXPECT_EQ(fitted.model.max_episode_steps, 9);
  EXPECT_EQ(fitted.evaluate.max_episode_steps, 9);
}

// The tables once had the sizes that evaluations asked for: with them, every weight drawn later.
TEST(FitToDataTest, WeightsDoNotDependOnTheEvaluation) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const auto weights = [&](const std::string& name, const RunOptions& options) {
    const std::string run = TemporaryPath(name);
    Train(options, set, run, RunStart::kFresh, {});
    std::ostringstream bytes;
    bytes
        << std::ifstream(NewestCheckpoint(run) + "/weights.safetensors", std::ios::binary).rdbuf();
    return bytes.str();
  };
  RunOptions options = SmallRun(set.info().path);
  const std::string expected = weights("plain", options);
  ASSERT_FALSE(expected.empty());
  options.evaluate.episodes = 11;
  options.evaluate.seeds = 3;
  options.evaluate.max_episode_steps = 400;
  EXPECT_EQ(weights("longer", options), expected);
}

}  // namespace
}  // namespace longplay
