// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "env/gymnasium/gymnasium_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using Arguments = std::map<std::string, std::string>;

// High in the air and at rest in itself it keeps its speed.
class HalfCheetahTest : public MujocoTest {
 protected:
  static SingleSimulation Make(const Arguments& arguments = {}) {
    return {HalfCheetahTasks(), "HalfCheetah-v5", arguments};
  }
  static double RewardAt(const Arguments& arguments, double speed,
                         const std::vector<double>& action = std::vector<double>(6, 0)) {
    SingleSimulation cheetah = Make(arguments);
    cheetah.Set({0, 5}, {speed});
    return cheetah.Step(action).reward;
  }
};

TEST_F(HalfCheetahTest, PaysItsSpeed) {
  EXPECT_NEAR(RewardAt({}, 2), 2, 1e-9);
  EXPECT_NEAR(RewardAt({}, -3), -3, 1e-9);
  EXPECT_NEAR(RewardAt({{"forward_reward_weight", "0.5"}}, 2), 1, 1e-9);
}

TEST_F(HalfCheetahTest, ControlCostsATenthOfItsSquares) {
  const std::vector<double> action = {1, -1, 0.5, 0, 0, 0};
  const double free = RewardAt({{"ctrl_cost_weight", "0"}}, 0, action);
  EXPECT_NEAR(RewardAt({}, 0, action), free - 0.1 * (1 + 1 + 0.25), 1e-14);
}

TEST_F(HalfCheetahTest, LyingOnItsBackIsNoEnd) {
  SingleSimulation cheetah = Make();
  cheetah.Set({0, -0.5, 3.14});
  for (int t = 0; t < 5; ++t) EXPECT_FALSE(cheetah.Step(std::vector<double>(6, 0)).terminated);
}

TEST_F(HalfCheetahTest, ObservesAllButThePlace) {
  SingleSimulation cheetah = Make();
  cheetah.Set({99, 1, 2, 3, 4, 5, 6, 7, 8}, {11, 12, 13, 14, 15, 16, 17, 18, 19});
  EXPECT_THAT(cheetah.Observe(),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19));
  SingleSimulation all = Make({{"exclude_current_positions_from_observation", "false"}});
  all.Set({99, 1});
  ASSERT_EQ(all.Observe().size(), 18u);
  EXPECT_EQ(all.Observe()[0], 99);
}

TEST_F(HalfCheetahTest, StartsWithinItsNoise) {
  SingleSimulation cheetah = Make({{"reset_noise_scale", "0.02"}});
  ExpectStartsFill(cheetah, -0.02, 0.02, [](const mjData& d) { return d.qpos[0]; });
  ExpectStartsFill(cheetah, -0.02, 0.02, [](const mjData& d) { return d.qpos[8]; });
}

}  // namespace
}  // namespace longplay
