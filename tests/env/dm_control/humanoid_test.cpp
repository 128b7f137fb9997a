// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kRounding = 1e-12;
constexpr double kHead = 0.19;  // [m] above the torso
const double kHalf = std::sqrt(0.5);

// A pose: place (3) and orientation (4) of the torso; the joints are straight.
std::vector<double> At(double height) { return {0, 0, height, 1, 0, 0, 0}; }

class DmHumanoidTest : public MujocoTest {
 protected:
  static SingleSimulation Make(const std::string& name) {
    return {DmHumanoidTasks(), "dm_control/humanoid-" + name + "-v0"};
  }
  // Reward of the standing pose when all of the body moves with these velocities.
  static double Moving(const std::string& name, double x, double y) {
    SingleSimulation humanoid = Make(name);
    humanoid.Set(At(1.5), {x, y});
    return humanoid.Reward();
  }
};

TEST_F(DmHumanoidTest, StandingStillPaysOne) { EXPECT_NEAR(Moving("stand", 0, 0), 1, kRounding); }

TEST_F(DmHumanoidTest, StandingMustBeStillInBothDirections) {
  EXPECT_NEAR(Moving("stand", 2, 0), (0.1 + 1) / 2, kRounding);
  EXPECT_NEAR(Moving("stand", 0, -2), (1 + 0.1) / 2, kRounding);
}

// A sixth for standing, the rest in proportion to the speed, in any direction.
TEST_F(DmHumanoidTest, WalkingAndRunningPayForSpeed) {
  EXPECT_NEAR(Moving("walk", 0, 0), 1.0 / 6, kRounding);
  EXPECT_NEAR(Moving("walk", 0.5, 0), 3.5 / 6, kRounding);
  EXPECT_NEAR(Moving("walk", -0.6, 0.8), 1, kRounding);
  EXPECT_NEAR(Moving("run", 1, 0), 1.5 / 6, kRounding);
  EXPECT_NEAR(Moving("run", 0, 10), 1, kRounding);
}

TEST_F(DmHumanoidTest, AHeadBelowAMetreFortyPaysLess) {
  SingleSimulation humanoid = Make("stand");
  humanoid.Set(At(1.401 - kHead));
  EXPECT_NEAR(humanoid.Reward(), 1, kRounding);
  humanoid.Set(At(1.4 - 0.35 - kHead));
  EXPECT_NEAR(humanoid.Reward(), 0.1, kRounding);
}

TEST_F(DmHumanoidTest, UprightnessFallsLinearly) {
  SingleSimulation humanoid = Make("stand");
  humanoid.Set({0, 0, 1.5, kHalf, kHalf, 0, 0});  // lying in the air: from 0.9 to -1 a share of 0.9
  EXPECT_NEAR(humanoid.Reward(), 1 - 0.9 / 1.9, kRounding);
  humanoid.Set({0, 0, 3, 0, 1, 0, 0});  // head down
  EXPECT_NEAR(humanoid.Reward(), 0, kRounding);
}

TEST_F(DmHumanoidTest, FullControlCostsAFifth) {
  SingleSimulation humanoid = Make("stand");
  humanoid.Set(At(1.5), {}, std::vector<double>(21, 1));
  EXPECT_NEAR(humanoid.Reward(), 4.0 / 5, kRounding);
}

// 21 joints, the head's height, hands and feet as the torso sees them (12), the torso's vertical
// (3), velocity (3), all velocities (27).
TEST_F(DmHumanoidTest, WhereItStandsAndWhatItFacesIsNotSeen) {
  SingleSimulation humanoid = Make("walk");
  humanoid.Set(At(1.5), {0.5, 0.25});
  const std::vector<double> seen = humanoid.Observe();
  ASSERT_EQ(seen.size(), 67u);
  EXPECT_NEAR(seen[21], 1.5 + kHead, kRounding);
  EXPECT_NEAR(seen[34], 0, kRounding);
  EXPECT_NEAR(seen[36], 1, kRounding);
  EXPECT_NEAR(seen[37], 0.5, kRounding);
  EXPECT_NEAR(seen[38], 0.25, kRounding);
  EXPECT_EQ(seen[40], 0.5);
  humanoid.Set({7, -3, 1.5, kHalf, 0, 0, kHalf}, {0.5, 0.25});  // a quarter turn to the left
  const std::vector<double> turned = humanoid.Observe();
  for (size_t k = 0; k < seen.size(); ++k) EXPECT_NEAR(turned[k], seen[k], kRounding) << k;
}

TEST_F(DmHumanoidTest, ThePureStateIsPositionsAndVelocities) {
  SingleSimulation humanoid = Make("run_pure_state");
  humanoid.Set({1, 2, 3, 1, 0, 0, 0, 0.1}, {4, 5, 6});
  const std::vector<double> seen = humanoid.Observe();
  ASSERT_EQ(seen.size(), 28u + 27);
  EXPECT_THAT(std::vector(seen.begin(), seen.begin() + 8),
              testing::ElementsAre(1, 2, 3, 1, 0, 0, 0, 0.1));
  EXPECT_THAT(std::vector(seen.begin() + 28, seen.begin() + 32), testing::ElementsAre(4, 5, 6, 0));
}

TEST_F(DmHumanoidTest, AnEpisodeStartsWithoutContacts) {
  SingleSimulation humanoid = Make("stand");
  for (uint64_t seed = 0; seed < 10; ++seed) {
    humanoid.Start(seed);
    EXPECT_EQ(humanoid.data()->ncon, 0) << seed;
  }
}

}  // namespace
}  // namespace longplay
