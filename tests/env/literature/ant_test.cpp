// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
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

class LiteratureAntTest : public MujocoTest {};

TEST_F(LiteratureAntTest, DirectionsAreThePublishedOnesInTheirOrder) {
  const auto angles = FixtureFile(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/lists.hdf5")
                          .Read<double>("ant_angles");
  ASSERT_EQ(angles.size(), 50u);
  for (size_t task : {0, 17, 45, 49}) {
    const auto ant =
        MakeListedEnvironment("literature/ant-dir-v0?task=" + std::to_string(task), {});
    ant->StartChain(0, 1);
    EXPECT_NEAR(ant->hidden_parameter()->parameter(0)[0], std::cos(angles[task]), 1e-15);
    EXPECT_NEAR(ant->hidden_parameter()->parameter(0)[1], std::sin(angles[task]), 1e-15);
  }
  // As the reference prints them.
  EXPECT_NEAR(angles[45], 2.15102, 5e-6);
  EXPECT_NEAR(angles[49], 4.61560, 5e-6);
}

TEST_F(LiteratureAntTest, FiveDirectionsAreForTestingAndNoneOfThemForTraining) {
  std::set<double> drawn[2];
  for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    const auto ant = MakeListedEnvironment("literature/ant-dir-v0", {.parameters = set});
    for (uint64_t seed = 0; seed < 1500; ++seed) {
      ant->StartChain(0, seed);
      drawn[static_cast<int>(set)].insert(ant->hidden_parameter()->parameter(0)[0]);
    }
  }
  EXPECT_EQ(drawn[0].size(), 45u);
  EXPECT_EQ(drawn[1].size(), 5u);
  for (const double x : drawn[1]) EXPECT_FALSE(drawn[0].contains(x));
}

// reward = v . direction - 0.5 |a|^2 + 1; with RK4 the torso lags by less than 1e-4 m.
TEST_F(LiteratureAntTest, TheRewardIsTheFormula) {
  SingleSimulation one(PhysicsLiteratureTasks(), "literature/ant-dir-v0");
  const double angle = std::numbers::pi / 3;
  one.parameter = {std::cos(angle), std::sin(angle)};
  one.Set({0, 0, 0.75, 1, 0, 0, 0}, {2.0, -1.0});
  const double x = one.data()->xpos[3], y = one.data()->xpos[4];
  const TaskStep step = one.Step({0.5, -1, 0, 0, 0.1, 0, 0, 1});
  const double vx = (one.data()->xpos[3] - x) / 0.05, vy = (one.data()->xpos[4] - y) / 0.05;
  EXPECT_NEAR(step.reward, 0.5 * vx + std::sqrt(0.75) * vy - 0.5 * (0.25 + 1 + 0.01 + 1) + 1,
              1e-12);
  EXPECT_NEAR(one.data()->xpos[3], one.data()->qpos[0], 1e-4);
  EXPECT_GT(vx, 1);
}

// Flat on its back, where Gymnasium's Ant is over: the bonus is paid on, nothing ends.
TEST_F(LiteratureAntTest, AFallenAntGoesOnAndIsPaid) {
  SingleSimulation one(PhysicsLiteratureTasks(), "literature/ant-dir-v0");
  one.parameter = {1, 0};
  one.Set({0, 0, 3.0, 0, 1, 0, 0});
  const TaskStep step = one.Step(std::vector<double>(8, 0));
  EXPECT_FALSE(step.terminated);
  EXPECT_NEAR(step.reward, 1, 0.05);  // it falls straight down
}

// No contact forces, no x and y: 27 numbers.
TEST_F(LiteratureAntTest, TheObservationIsPositionsAndVelocities) {
  SingleSimulation one(PhysicsLiteratureTasks(), "literature/ant-dir-v0");
  one.Set({5, 6, 0.7, 1, 0, 0, 0, 0.3}, {0.1, 0.2});
  const std::vector<double> seen = one.Observe();
  ASSERT_EQ(seen.size(), 27u);
  EXPECT_EQ(seen[0], 0.7);
  EXPECT_EQ(seen[5], 0.3);
  EXPECT_EQ(seen[13], 0.1);
  EXPECT_EQ(seen[14], 0.2);
}

// The reference's anchor: 200 for standing still, the alive bonus alone (mean of 10 episodes a task).
TEST_F(LiteratureAntTest, StandingStillEarns200) {
  double sum = 0;
  for (int64_t task = 45; task < 50; ++task) {
    const auto ant = MakeListedEnvironment("literature/ant-dir-v0?task=" + std::to_string(task),
                                           {.batch = 10, .threads = 1});
    for (int64_t i = 0; i < 10; ++i) {
      ant->StartChain(i, i);
      ant->Reset(i, i);
    }
    for (int64_t t = 0; t < 200; ++t) {
      for (const StepOutcome& outcome :
           ant->Step(std::vector<double>(80, 0), std::vector<uint8_t>(10, 1))) {
        sum += outcome.reward;
      }
    }
  }
  EXPECT_NEAR(sum / 50, 200, 0.5);
}

}  // namespace
}  // namespace longplay
