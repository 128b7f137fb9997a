// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kRounding = 1e-14;

SingleSimulation Make(const std::string& corner) {
  return {PointMassMazeTasks(), "dm_control/point_mass_maze-reach_" + corner + "-v0"};
}

class PointMassMazeTest : public MujocoTest {
 protected:
  // How far to the right the mass comes from the left, pushed for 6 s.
  static double PushRight(double y) {
    SingleSimulation maze = Make("top_right");
    maze.Set({-0.2, y});
    for (int t = 0; t < 300; ++t) maze.Step({1, 0});
    return maze.data()->qpos[0];
  }
};

TEST_F(PointMassMazeTest, EachCornerPaysInItsOwnTask) {
  for (const auto& [corner, x, y] : {std::tuple{"top_left", -0.15, 0.15},
                                     {"top_right", 0.15, 0.15},
                                     {"bottom_left", -0.15, -0.15},
                                     {"bottom_right", 0.15, -0.15}}) {
    SingleSimulation maze = Make(corner);
    maze.Set({x, y});
    EXPECT_NEAR(maze.Reward(), 1, kRounding) << corner;
    maze.Set({x + 0.03, y});  // twice the radius
    EXPECT_NEAR(maze.Reward(), 0.1, kRounding) << corner;
    maze.Set({-x, y});
    EXPECT_LT(maze.Reward(), 1e-9) << corner;
  }
}

TEST_F(PointMassMazeTest, FullControlCostsAFifth) {
  SingleSimulation maze = Make("top_left");
  maze.Set({-0.15, 0.15}, {}, {1, 1});
  EXPECT_NEAR(maze.Reward(), 4.0 / 5, kRounding);
}

// The wall is 2 cm thick to each side of x = 0 and ends at y = 0.18; the mass has a radius of 1 cm.
TEST_F(PointMassMazeTest, WallsStopTheMassAndTheirEndsLetItPass) {
  EXPECT_LT(PushRight(0.1), -0.02);
  EXPECT_GT(PushRight(0.1), -0.05);
  EXPECT_GT(PushRight(0.25), 0.2);
}

TEST_F(PointMassMazeTest, StartsAtRestInTheTopLeftRoom) {
  SingleSimulation maze = Make("bottom_right");
  ExpectStartsFill(maze, -0.29, -0.15, [](const mjData& d) { return d.qpos[0]; });
  ExpectStartsFill(maze, 0.15, 0.29, [](const mjData& d) { return d.qpos[1]; });
  EXPECT_EQ(maze.Observe()[2], 0);
  EXPECT_EQ(maze.Observe()[3], 0);
}

}  // namespace
}  // namespace longplay
