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

class SwimmerTest : public MujocoTest {
 protected:
  static SingleSimulation Make(const Arguments& arguments = {}) {
    return {SwimmerTasks(), "Swimmer-v5", arguments};
  }
};

// The water slows it down: the way of 40 ms counts, not the speed that it has in the end.
TEST_F(SwimmerTest, PaysTheWayOverTheTime) {
  SingleSimulation swimmer = Make(), doubled = Make({{"forward_reward_weight", "2"}});
  swimmer.Set({5}, {-1});
  const double reward = swimmer.Step({0, 0}).reward;
  EXPECT_NEAR(reward, (swimmer.data()->qpos[0] - 5) / 0.04, 1e-12);
  EXPECT_LT(reward, swimmer.data()->qvel[0]);
  EXPECT_GT(reward, -1);
  doubled.Set({5}, {-1});
  EXPECT_NEAR(doubled.Step({0, 0}).reward, 2 * reward, 1e-12);
}

TEST_F(SwimmerTest, ControlCostsATenThousandthOfItsSquares) {
  SingleSimulation swimmer = Make(), free = Make({{"ctrl_cost_weight", "0"}});
  swimmer.Set({});
  free.Set({});
  EXPECT_NEAR(swimmer.Step({1, -0.5}).reward, free.Step({1, -0.5}).reward - 1e-4 * 1.25, 1e-15);
}

TEST_F(SwimmerTest, ObservesAnglesAndVelocitiesButNotThePlace) {
  SingleSimulation swimmer = Make();
  swimmer.Set({7, 8, 0.1, 0.2, 0.3}, {1, 2, 3, 4, 5});
  EXPECT_THAT(swimmer.Observe(), ElementsAre(0.1, 0.2, 0.3, 1, 2, 3, 4, 5));
  SingleSimulation all = Make({{"exclude_current_positions_from_observation", "false"}});
  all.Set({7, 8, 0.1, 0.2, 0.3}, {1, 2, 3, 4, 5});
  EXPECT_THAT(all.Observe(), ElementsAre(7, 8, 0.1, 0.2, 0.3, 1, 2, 3, 4, 5));
}

TEST_F(SwimmerTest, StartsWithinATenth) {
  SingleSimulation swimmer = Make();
  ExpectStartsFill(swimmer, -0.1, 0.1, [](const mjData& d) { return d.qpos[4]; });
  ExpectStartsFill(swimmer, -0.1, 0.1, [](const mjData& d) { return d.qvel[0]; });
}

}  // namespace
}  // namespace longplay
