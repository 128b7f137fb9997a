// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"
#include "env/literature/literature_physics.h"
#include "tests/env/fixture_file.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

class LiteratureCheetahTest : public MujocoTest {};

std::set<double> Wishes(const std::string& id, ParameterSet set) {
  const auto environment = MakeListedEnvironment(id, {.parameters = set});
  std::set<double> wishes;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    environment->StartChain(0, seed);
    wishes.insert(environment->hidden_parameter()->parameter(0)[0]);
  }
  return wishes;
}

TEST_F(LiteratureCheetahTest, VelocitiesAreThePublishedOnesInTheirOrder) {
  const auto listed = FixtureFile(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/lists.hdf5")
                          .Read<double>("cheetah_velocities");
  const std::set<double> training(listed.begin(), listed.begin() + 45);
  EXPECT_EQ(Wishes("literature/cheetah-vel-v0", ParameterSet::kTraining), training);
  // Tests 45 ... 49 as the reference prints them.
  EXPECT_THAT(
      std::vector<double>(listed.begin() + 45, listed.end()),
      ElementsAre(DoubleNear(2.10655, 5e-6), DoubleNear(1.24210, 5e-6), DoubleNear(1.02704, 5e-6),
                  DoubleNear(1.78778, 5e-6), DoubleNear(0.59959, 5e-6)));
  EXPECT_EQ(Wishes("literature/cheetah-vel-v0", ParameterSet::kHeldOut),
            std::set<double>(listed.begin() + 45, listed.end()));
  EXPECT_EQ(Wishes("literature/cheetah-vel-v0?task=7", ParameterSet::kHeldOut),
            std::set<double>{listed[7]});
}

TEST_F(LiteratureCheetahTest, TestDirectionsAreTheTrainingDirections) {
  for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    EXPECT_THAT(Wishes("literature/cheetah-dir-v0", set), ElementsAre(-1, 1));
  }
  EXPECT_THAT(Wishes("literature/cheetah-dir-v0?task=3", ParameterSet::kTraining), ElementsAre(-1));
}

TEST_F(LiteratureCheetahTest, DrawnVelocitiesFillTheirRange) {
  const auto drawn = Wishes("literature/cheetah-vel-v0?tasks=drawn", ParameterSet::kTraining);
  EXPECT_EQ(drawn.size(), 1500u);
  EXPECT_LT(*drawn.begin(), 0.03);
  EXPECT_GT(*drawn.rbegin(), 2.97);
}

// reward = -|v - w| - 0.05 |a|^2 and w v - 0.05 |a|^2 with v = (x' - x) / 0.05.
TEST_F(LiteratureCheetahTest, RewardsAreTheFormulas) {
  for (const auto& [id, wish] : std::vector<std::pair<std::string, double>>{
           {"literature/cheetah-vel-v0", 1.3}, {"literature/cheetah-dir-v0", -1}}) {
    SingleSimulation one(PhysicsLiteratureTasks(), id);
    one.parameter = {wish};
    one.Set({0.4, 0.1}, {2.0});
    const double x = one.data()->qpos[0];
    const TaskStep step = one.Step({0.5, -1, 0.2, 0, 0, 1});
    const double v = (one.data()->qpos[0] - x) / 0.05, cost = 0.05 * (0.25 + 1 + 0.04 + 1);
    const double gain = wish > 0 ? -std::abs(v - wish) : wish * v;
    EXPECT_NEAR(step.reward, gain - cost, 1e-12) << id;
    EXPECT_GT(std::abs(v), 0.5);
    EXPECT_FALSE(step.terminated);
  }
}

// 8 positions without x, 9 velocities, and the torso where the last simulator step found it: 0.01 s
// ago, by its velocity then.
TEST_F(LiteratureCheetahTest, TheTorsosPlaceIsSeenAndLagsByOneSimulatorStep) {
  SingleSimulation one(PhysicsLiteratureTasks(), "literature/cheetah-vel-v0");
  one.parameter = {1};
  one.Set({0.4, 0.1, 0.2}, {3.0});
  std::vector<double> seen = one.Observe();
  ASSERT_EQ(seen.size(), 20u);
  EXPECT_EQ(seen[0], 0.1);
  EXPECT_EQ(seen[8], 3.0);
  EXPECT_THAT(std::vector<double>(seen.begin() + 17, seen.end()),
              ElementsAre(DoubleNear(0.4, 1e-12), 0, DoubleNear(0.7 + 0.1, 1e-12)));
  one.Step(std::vector<double>(6, 0.3));
  seen = one.Observe();
  // Euler: x' = x + 0.01 v', so that x lags by 0.01 of the newest velocity.
  EXPECT_NEAR(seen[17], one.data()->qpos[0] - 0.01 * one.data()->qvel[0], 1e-12);
  EXPECT_GT(std::abs(seen[17] - one.data()->qpos[0]), 1e-3);
}

TEST_F(LiteratureCheetahTest, AnEpisodeLasts200StepsAndStartsAsPublished) {
  const auto environment = MakeListedEnvironment("literature/cheetah-vel-v0", {});
  EXPECT_EQ(environment->spec().max_episode_steps, 200);
  SingleSimulation one(PhysicsLiteratureTasks(), "literature/cheetah-vel-v0");
  ExpectStartsFill(one, -0.1, 0.1, [](const mjData& d) { return d.qpos[4]; });
  double sum = 0, squares = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    one.Start(seed);
    sum += one.data()->qvel[3];
    squares += one.data()->qvel[3] * one.data()->qvel[3];
  }
  EXPECT_NEAR(sum / 500, 0, 0.02);  // 0.1 / sqrt(500), four times
  EXPECT_NEAR(std::sqrt(squares / 500), 0.1, 0.015);
}

TEST_F(LiteratureCheetahTest, OnlyTheOracleSeesTheWish) {
  const auto oracle = MakeListedEnvironment("literature/cheetah-vel-oracle-v0?task=45", {});
  oracle->StartChain(0, 1);
  oracle->Reset(0, 1);
  EXPECT_EQ(oracle->observation(0).size(), 21u);
  EXPECT_NEAR(oracle->observation(0)[20], 2.10655, 5e-6);
}

}  // namespace
}  // namespace longplay
