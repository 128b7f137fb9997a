// SPDX-License-Identifier: MIT
#include "agent/collecting/velocity_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

constexpr char kTask[] = "family/cheetah-velocity-v0";

RandomGenerator Random(uint64_t seed) {
  return RandomGenerator(seed, RandomGenerator::Stream::kLearner);
}

TEST(VelocitySearchTest, OneClueLeavesTwoGuessesAndTwoCluesOne) {
  int64_t below = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    RandomGenerator random = Random(seed);
    const double guess = GuessVelocity({{.velocity = 1.5, .error = 0.5}}, random);
    EXPECT_NEAR(std::abs(guess - 1.5), 0.5, 0.02);
    below += guess < 1.5;
    EXPECT_NEAR(GuessVelocity({{1.5, 0.5}, {1.0, 0.0}}, random), 1.0, 0.02);
    EXPECT_NEAR(GuessVelocity({{1.5, 0.5}, {1.0, 1.0}}, random), 2.0, 0.02);
  }
  EXPECT_GT(below, 30);
  EXPECT_LT(below, 70);
}

TEST(VelocitySearchTest, GuessesAreVelocitiesThatCanBeWished) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    RandomGenerator random = Random(seed);
    EXPECT_NEAR(GuessVelocity({{.velocity = 0.5, .error = 1}}, random), 1.5, 0.02);
    const double blind = GuessVelocity({}, random);
    EXPECT_GE(blind, 0.075);
    EXPECT_LE(blind, 3);
  }
}

TEST(VelocitySearchTest, TheOracleIsOfTheSameTask) {
  EXPECT_TRUE(VelocitySearch::Handles(kTask));
  EXPECT_FALSE(VelocitySearch::Handles("family/point-goal-v0"));
  EXPECT_EQ(VelocitySearch::OracleOf(kTask), "family/cheetah-velocity-oracle-v0");
}

TEST(VelocitySearchTest, ThePublishedTaskIsSearchedWithItsArguments) {
  constexpr char kPublished[] = "literature/cheetah-vel-v0?task=0-34";
  EXPECT_TRUE(VelocitySearch::Handles(kPublished));
  EXPECT_EQ(VelocitySearch::OracleOf(kPublished), "literature/cheetah-vel-oracle-v0?task=0-34");
  EXPECT_EQ(VelocitySearch::RangeOf(kPublished).slowest, 0);
  EXPECT_EQ(VelocitySearch::RangeOf(kTask).slowest, 0.075);
  RandomGenerator random = Random(1);
  EXPECT_NEAR(GuessVelocity({{.velocity = 0.5, .error = 0.5}, {.velocity = 1, .error = 1}}, random,
                            VelocitySearch::RangeOf(kPublished)),
              0, 0.02);
}

// Rewards of the real task, speeds that an actor would run at: only what is seen counts, so the
// clue must come out of reward and action cost alone.
TEST(VelocitySearchTest, RewardsTellTheWish) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(kTask, {.batch = 1, .threads = 1});
  environment->StartChain(0, 5);
  const double wish = environment->hidden_parameter()->parameter(0)[0];
  std::vector<double> aims;
  VelocitySearch search(
      1, [&](std::span<const double>, double aim, RandomGenerator&, std::span<double> action) {
        aims.push_back(aim);
        std::ranges::fill(action, 0.0);
      });
  search.StartHistory(0, 2);
  std::vector<double> action(6), observation(17, 0.0);
  for (int64_t episode = 0; episode < 4; ++episode) {
    search.StartEpisode(0);
    for (int64_t t = 0; t < 200; ++t) {
      search.Act(0, observation, action);
      const double cost =
          0.05 * std::inner_product(action.begin(), action.end(), action.begin(), 0.0);
      observation[8] = aims.back();  // an actor that does what it is told
      search.See(0, observation, -std::abs(aims.back() - wish) - cost);
    }
  }
  EXPECT_NEAR(aims.back(), wish, 0.03);
}

}  // namespace
}  // namespace longplay
