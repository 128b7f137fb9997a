// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

TEST(CollectConfigTest, TheCommandThatGoesOnNamesEveryOptionThatIsNotTheUsualOne) {
  EXPECT_EQ(ResumeCommand({.environment = "Hopper-v5", .steps = 10, .out = "a.hdf5"}),
            "longplay collect --env Hopper-v5 --steps 10 --out a.hdf5 --resume");
  EXPECT_EQ(ResumeCommand({.environment = "family/grid-goal-v0?size=3",
                           .steps = 10,
                           .out = "my 'data'",
                           .algorithm = CollectAlgorithm::kSoftActorCritic,
                           .learners = 2,
                           .action_repeat = 3,
                           .max_episode_steps = 4,
                           .episodes_per_history = 5,
                           .learning_steps = 6,
                           .existing = ExistingData::kReplace,
                           .seed = 7}),
            "longplay collect --env 'family/grid-goal-v0?size=3' --steps 10 --out "
            "'my '\\''data'\\''' --algorithm sac --learners 2 --action-repeat 3 "
            "--max-episode-steps 4 --episodes-per-history 5 --learning-steps 6 --seed 7 "
            "--overwrite --resume");
}

TEST(CollectConfigTest, TheCommandThatGoesOnNamesTheFileAndWhatDiffersFromIt) {
  const std::string file = TemporaryPath("collect.yaml");
  std::ofstream(file) << "collect: {env: Hopper-v5, steps: 10, algorithm: sac, learners: 3}\n";
  CollectOptions options = LoadCollectConfig(file);
  options.out = "a.hdf5";
  options.seed = 4;
  EXPECT_EQ(ResumeCommand(options),
            "longplay collect --config " + file + " --out a.hdf5 --seed 4 --resume");
}

TEST(CollectConfigTest, EveryKeyIsRead) {
  const CollectOptions options = ParseCollectConfig(
      R"(
collect: {env: literature/point-robot-v0, algorithm: q_learning, steps: 11, learners: 12,
          action_repeat: 13, max_episode_steps: 14, episodes_per_history: 15, learning_steps: 16,
          first_task: 17, seed: 18}
sac: {simulations: 1, random_decisions: 2, updates_per_decision: 0.25, batch: 3, replay: 4, hidden: 5,
      checkpoint_every: 7, checkpoint_episodes: 8,
      critic_layers: 6, learning_rate: 0.5, discount: 0.75, target_rate: 0.125,
      first_temperature: 0.2, learns_temperature: false}
q_learning: {learning_rate: 0.5, discount: 0.25, first_exploration: 0.75, last_exploration: 0.125,
             exploration_share: 0.625, remembers_reward: false}
)",
      "c.yaml");
  EXPECT_EQ(options.environment, "literature/point-robot-v0");
  EXPECT_EQ(options.algorithm, CollectAlgorithm::kQLearning);
  EXPECT_EQ((std::vector<int64_t>{options.steps, options.learners, options.action_repeat,
                                  options.max_episode_steps, options.episodes_per_history,
                                  options.learning_steps, options.first_task}),
            (std::vector<int64_t>{11, 12, 13, 14, 15, 16, 17}));
  EXPECT_EQ(options.seed, 18u);
  EXPECT_EQ(LearnerKeys(options), (nlohmann::json{{"sac.simulations", 1},
                                                  {"sac.random_decisions", 2},
                                                  {"sac.updates_per_decision", 0.25},
                                                  {"sac.batch", 3},
                                                  {"sac.replay", 4},
                                                  {"sac.checkpoint_every", 7},
                                                  {"sac.checkpoint_episodes", 8},
                                                  {"sac.hidden", 5},
                                                  {"sac.critic_layers", 6},
                                                  {"sac.learning_rate", 0.5},
                                                  {"sac.discount", 0.75},
                                                  {"sac.target_rate", 0.125},
                                                  {"sac.first_temperature", 0.2},
                                                  {"sac.learns_temperature", false},
                                                  {"q_learning.learning_rate", 0.5},
                                                  {"q_learning.discount", 0.25},
                                                  {"q_learning.first_exploration", 0.75},
                                                  {"q_learning.last_exploration", 0.125},
                                                  {"q_learning.exploration_share", 0.625},
                                                  {"q_learning.remembers_reward", false}}));
}

TEST(CollectConfigTest, WhatIsWrongIsSaidWithItsPlace) {
  for (const auto& [text, message] : std::vector<std::pair<std::string, std::string>>{
           {"sac: {batch: 0}", "c.yaml:1: sac.batch: expected an integer from 1 to 1048576, got 0"},
           {"\nsac: {depth: 2}",
            "c.yaml:2: sac.depth: expected a known key (closest: sac.batch, sac.replay, "},
           {"train: {steps: 2}",
            "c.yaml:1: train: expected a file for this command, got a section that `longplay "
            "train` reads"},
           {"colect: {steps: 2}", "c.yaml:1: colect: expected a known section (closest: collect, "},
           {"collect: {algorithm: ppo}", "collect.algorithm: expected one of auto, sac, search"},
           {"collect: {steps: 1, steps: 2}", "collect.steps: expected one value, got a second one"},
           {"q_learning: {remembers_reward: 1}", "expected true or false, got 1"},
           {"collect: 3", "collect: expected a section with keys, got 3"}}) {
    EXPECT_THAT([&] { ParseCollectConfig(text, "c.yaml"); },
                testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(message)));
  }
}

// The published recipes that are handed out with the program.
TEST(CollectConfigTest, TheRecipesOfTheLiteratureAreRead) {
  int files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(LONGPLAY_SOURCE_DIR "/configs/literature/collect")) {
    const CollectOptions options = LoadCollectConfig(entry.path());
    EXPECT_TRUE(options.environment.starts_with("literature/")) << entry.path();
    EXPECT_GT(options.steps, 0) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 5);
}

}  // namespace
}  // namespace longplay
