// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "env/dm_control/dm_control_tasks.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::ElementsAre;

constexpr double kRounding = 1e-14;
const std::vector<uint8_t> kOne = {1};

class PointMassTest : public MujocoTest {
 protected:
  SingleSimulation easy_{PointMassTasks(), "dm_control/point_mass-easy-v0"};
};

TEST_F(PointMassTest, TheCentrePaysOneAndATenthAtTwiceItsRadius) {
  easy_.Set({0, 0});
  EXPECT_EQ(easy_.Reward(), 1);
  easy_.Set({0, 0.0149});
  EXPECT_EQ(easy_.Reward(), 1);
  easy_.Set({-0.03, 0});
  EXPECT_NEAR(easy_.Reward(), 0.1, kRounding);
}

TEST_F(PointMassTest, FullControlCostsAFifth) {
  easy_.Set({0, 0}, {}, {1, 0});
  EXPECT_NEAR(easy_.Reward(), (0.5 + 4) / 5, kRounding);  // one of the two
  easy_.Set({0, 0}, {}, {1, -1});
  EXPECT_NEAR(easy_.Reward(), 4.0 / 5, kRounding);
}

TEST_F(PointMassTest, ObservesPositionsThenVelocities) {
  easy_.Set({0.1, 0.2}, {3, 4});
  EXPECT_THAT(easy_.Observe(), ElementsAre(0.1, 0.2, 3, 4));
}

TEST_F(PointMassTest, StartsAnywhereInTheArena) {
  for (const int axis : {0, 1}) {
    ExpectStartsFill(easy_, -0.29, 0.29, [=](const mjData& d) { return d.qpos[axis]; });
  }
}

TEST_F(PointMassTest, EasyControlsAreTheAxes) {
  easy_.Set({0, 0});
  easy_.Step({1, 0});
  EXPECT_GT(easy_.Observe()[2], 0);
  EXPECT_EQ(easy_.Observe()[3], 0);
}

// From rest, a control moves the mass in its direction of this episode.
TEST_F(PointMassTest, HardControlsAreDirectionsOfTheEpisode) {
  const auto hard = MakeListedEnvironment("dm_control/point_mass-hard-v0", {});
  std::set<double> angles;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    hard->Reset(0, seed);
    const auto drawn = hard->physics_states()->model_field(0, "wrap_prm");
    const double first[2] = {drawn[0], drawn[1]}, second[2] = {drawn[2], drawn[3]};
    EXPECT_NEAR(std::hypot(first[0], first[1]), 1, kRounding);
    EXPECT_NEAR(std::hypot(second[0], second[1]), 1, kRounding);
    EXPECT_LE(std::abs(first[0] * second[0] + first[1] * second[1]), 0.9);
    angles.insert(std::atan2(first[1], first[0]));
    hard->physics_states()->SetPositions(0, std::vector<double>{0, 0}, std::vector<double>{0, 0},
                                         0);
    hard->Step(std::vector<double>{0, 1}, kOne);
    const double vx = hard->observation(0)[2], vy = hard->observation(0)[3];
    EXPECT_GT(vx * second[0] + vy * second[1], 1e-4);
    EXPECT_NEAR(vx * second[1] - vy * second[0], 0, kRounding);
  }
  EXPECT_EQ(angles.size(), 50u);
}

}  // namespace
}  // namespace longplay
