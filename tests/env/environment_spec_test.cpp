// SPDX-License-Identifier: MIT
#include "env/environment_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

#include "env/random_generator.h"

namespace longplay {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

EnvironmentSpec Continuous() {
  return {.id = "box", .action_size = 2, .action_low = {-1, 10}, .action_high = {1, 12}};
}
EnvironmentSpec Discrete() {
  return {.id = "choice",
          .action_size = 3,
          .action_low = {},
          .action_high = {},
          .action_space = ActionSpace::kDiscrete};
}

TEST(EnvironmentSpecTest, AChoiceIsOneNumber) {
  EXPECT_EQ(Continuous().action_columns(), 2);
  EXPECT_EQ(Discrete().action_columns(), 1);
}

TEST(EnvironmentSpecTest, OptionsOutOfRangeAreNamed) {
  EXPECT_NO_THROW(CheckOptions({}));
  for (const auto& [options, message] : std::vector<std::pair<EnvironmentOptions, std::string>>{
           {{.batch = 0}, "batch: expected at least 1, got 0"},
           {{.action_repeat = 0}, "action_repeat: expected at least 1, got 0"},
           {{.max_episode_steps = -1}, "max_episode_steps: expected 0 (the task's own) or more"},
           {{.threads = -2}, "threads: expected 0 (one per logical CPU) or more, got -2"}}) {
    EXPECT_THAT([&] { CheckOptions(options); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(message)));
  }
}

TEST(EnvironmentSpecTest, ALimitCountsDecisionsAndTheTasksOwnCountsSteps) {
  EXPECT_EQ(LongestEpisode({.action_repeat = 4, .max_episode_steps = 10}, 1000), 40);
  EXPECT_EQ(LongestEpisode({.action_repeat = 4}, 1000), 1000);
}

TEST(EnvironmentSpecTest, DrawnActionsFillTheBounds) {
  RandomGenerator random(1, RandomGenerator::Stream::kEpisode);
  std::array<double, 2> low = {1, 12}, high = {-1, 10}, action;
  for (int draw = 0; draw < 200; ++draw) {
    DrawAction(Continuous(), random, action);
    for (int a = 0; a < 2; ++a) {
      low[a] = std::min(low[a], action[a]);
      high[a] = std::max(high[a], action[a]);
    }
  }
  EXPECT_NEAR(low[0], -0.95, 0.05);
  EXPECT_NEAR(high[0], 0.95, 0.05);
  EXPECT_NEAR(low[1], 10.05, 0.05);
  EXPECT_NEAR(high[1], 11.95, 0.05);
}

TEST(EnvironmentSpecTest, EveryChoiceIsDrawnAndNoOther) {
  RandomGenerator random(1, RandomGenerator::Stream::kEpisode);
  std::set<double> drawn;
  for (int draw = 0; draw < 100; ++draw) {
    double action = -1;
    DrawAction(Discrete(), random, {&action, 1});
    drawn.insert(action);
  }
  EXPECT_EQ(drawn, (std::set<double>{0, 1, 2}));
}

TEST(EnvironmentSpecTest, WrongSizesAndSimulationsAreNamed) {
  EXPECT_NO_THROW(CheckSize("reading", 3, 3));
  EXPECT_THAT([] { CheckSize("reading", 2, 3); },
              ThrowsMessage<std::invalid_argument>("reading: expected 3 values, got 2"));
  EXPECT_NO_THROW(CheckSimulation(0, 4));
  EXPECT_NO_THROW(CheckSimulation(3, 4));
  for (const int64_t i : {-1, 4}) {
    EXPECT_THAT(
        [&] { CheckSimulation(i, 4); },
        ThrowsMessage<std::invalid_argument>(HasSubstr("0 ... 3, got " + std::to_string(i))));
  }
}

TEST(EnvironmentSpecTest, AStepWithWrongSizesIsRefused) {
  const std::vector<uint8_t> two = {1, 1}, running = {0, 0};
  EXPECT_NO_THROW(CheckStep(Continuous(), std::vector<double>(4), two, running));
  EXPECT_NO_THROW(CheckStep(Discrete(), std::vector<double>(2), two, running));
  EXPECT_THAT([&] { CheckStep(Continuous(), std::vector<double>(2), two, running); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("expected 4 and 2 values, got 2")));
  EXPECT_THROW(
      CheckStep(Continuous(), std::vector<double>(4), std::vector<uint8_t>{1, 1, 1}, running),
      std::invalid_argument);
}

TEST(EnvironmentSpecTest, OnlyActiveSimulationsMustRunAndChoose) {
  const std::vector<uint8_t> first = {1, 0}, second = {0, 1};
  const std::vector<uint8_t> over = {0, 1};  // the second episode is over
  const std::vector<double> actions = {2, -7};
  EXPECT_NO_THROW(CheckStep(Discrete(), actions, first, over));
  EXPECT_THAT([&] { CheckStep(Discrete(), actions, second, over); },
              ThrowsMessage<std::invalid_argument>(
                  HasSubstr("simulation 1: expected a running episode, got one that is over")));
  EXPECT_THAT(
      [&] {
        CheckStep(Discrete(), actions, second, std::vector<uint8_t>{0, 0});
      },
      ThrowsMessage<std::invalid_argument>(
          HasSubstr("simulation 1: action: expected a whole number from 0 to 2, got -7")));
}

}  // namespace
}  // namespace longplay
