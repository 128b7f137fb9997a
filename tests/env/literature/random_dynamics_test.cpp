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
#include "env/literature/legacy_task.h"
#include "env/literature/literature_physics.h"
#include "tests/env/fixture_file.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

class RandomDynamicsTest : public MujocoTest {};

std::vector<double> ExponentsOf(const std::string& id) {
  const auto environment = MakeListedEnvironment(id, {});
  environment->StartChain(0, 1);
  const auto exponents = environment->hidden_parameter()->parameter(0);
  return {exponents.begin(), exponents.end()};
}

TEST_F(RandomDynamicsTest, TheHoppersExponentsAreTheRecipesWithItsSeed) {
  const auto expected = FixtureFile(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/lists.hdf5")
                            .Read<double>("hopper_first_and_last");
  auto got = ExponentsOf("literature/hopper-param-v0?task=0");
  const auto last = ExponentsOf("literature/hopper-param-v0?task=49");
  got.insert(got.end(), last.begin(), last.end());
  EXPECT_EQ(got, expected);
}

// First and last number of the first, the 26th and the last task, read off the published list.
TEST_F(RandomDynamicsTest, TheWalkersExponentsAreThePublishedOnes) {
  const auto first = ExponentsOf("literature/walker-param-v0?task=0");
  ASSERT_EQ(first.size(), 58u);
  EXPECT_NEAR(first.front(), -0.097731212, 1e-12);
  EXPECT_NEAR(first[7], -0.611155863, 1e-12);   // inertia of the torso
  EXPECT_NEAR(first[28], -0.939388864, 1e-12);  // damping of the first joint
  EXPECT_NEAR(first[34], 0.295334569, 1e-12);   // friction of the floor
  EXPECT_NEAR(first.back(), 0.539529181, 1e-12);
}

// Each exponent has its own number of the model, the floor's friction too; the rest is nominal.
TEST_F(RandomDynamicsTest, EveryExponentScalesItsNumberAlone) {
  const auto walker = MakeListedEnvironment("literature/walker-param-v0?task=45", {});
  const ModelPtr nominal = LoadLegacyModel("walker2d.xml");
  walker->StartChain(0, 1);
  const auto u = walker->hidden_parameter()->parameter(0);
  for (const uint64_t seed : {1, 2}) {  // a second reset must not scale again
    walker->Reset(0, seed);
    const auto field = [&](const char* name) {
      return walker->physics_states()->model_field(0, name);
    };
    for (int k = 0; k < 7; ++k) {
      EXPECT_NEAR(field("body_mass")[k + 1], nominal->body_mass[k + 1] * std::pow(1.5, 3 * u[k]),
                  1e-12);
    }
    for (int k = 0; k < 21; ++k) {
      EXPECT_NEAR(field("body_inertia")[k + 3],
                  nominal->body_inertia[k + 3] * std::pow(1.5, 3 * u[7 + k]), 1e-12);
    }
    for (int k = 0; k < 6; ++k) {
      EXPECT_NEAR(field("dof_damping")[k + 3],
                  nominal->dof_damping[k + 3] * std::pow(1.3, 3 * u[28 + k]), 1e-12);
    }
    for (int k = 0; k < 24; ++k) {
      EXPECT_NEAR(field("geom_friction")[k],
                  nominal->geom_friction[k] * std::pow(1.5, 3 * u[34 + k]), 1e-12);
    }
    EXPECT_EQ(field("dof_damping")[0], 0);
  }
}

// walker2d.xml, not walker2d_v5.xml, whose right foot has 1.9 too.
TEST_F(RandomDynamicsTest, TheWalkersRightFootSlidesMoreEasilyThanItsLeft) {
  const SingleSimulation walker(PhysicsLiteratureTasks(), "literature/walker-param-v0");
  const mjModel* model = walker.task().model();
  EXPECT_EQ(model->geom_friction[3 * walker.Id(mjOBJ_GEOM, "foot_geom")], 0.9);
  EXPECT_EQ(model->geom_friction[3 * walker.Id(mjOBJ_GEOM, "foot_left_geom")], 1.9);
}

// reward = (x' - x) / dt + 1 - 1e-3 |a|^2, also of a robot that lies on the floor.
TEST_F(RandomDynamicsTest, TheRewardIsTheFormulaAndFallingEndsNothing) {
  for (const auto& [id, dt] : std::vector<std::pair<std::string, double>>{
           {"literature/hopper-param-v0", 0.016}, {"literature/walker-param-v0", 0.02}}) {
    SingleSimulation one(PhysicsLiteratureTasks(), id);
    one.Set({0, 0.2, 1.5}, {1.7});
    const std::vector<double> action(one.model()->nu, -0.5);
    const TaskStep step = one.Step(action);
    const double cost = 1e-3 * 0.25 * static_cast<double>(action.size());
    EXPECT_NEAR(step.reward, one.data()->qpos[0] / dt + 1 - cost, 1e-12) << id;
    EXPECT_FALSE(step.terminated);
    EXPECT_GT(step.reward, 1.5);
  }
}

TEST_F(RandomDynamicsTest, VelocitiesAreClippedAtTen) {
  SingleSimulation one(PhysicsLiteratureTasks(), "literature/hopper-param-v0");
  one.Set({3, 1.2, 0.1}, {25, -25, 4});
  const std::vector<double> seen = one.Observe();
  ASSERT_EQ(seen.size(), 11u);
  EXPECT_EQ(seen[0], 1.2);
  EXPECT_EQ(std::vector<double>(seen.begin() + 5, seen.begin() + 8),
            (std::vector<double>{10, -10, 4}));
}

TEST_F(RandomDynamicsTest, FiveTasksAreForTestingAndNoneOfThemForTraining) {
  for (const std::string name : {"hopper-param", "walker-param"}) {
    std::set<double> drawn[2];
    for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
      const auto one = MakeListedEnvironment("literature/" + name + "-v0", {.parameters = set});
      for (uint64_t seed = 0; seed < 1500; ++seed) {
        one->StartChain(0, seed);
        drawn[static_cast<int>(set)].insert(one->hidden_parameter()->parameter(0)[0]);
      }
    }
    EXPECT_EQ(drawn[0].size(), 45u) << name;
    EXPECT_EQ(drawn[1].size(), 5u) << name;
    for (const double u : drawn[1]) EXPECT_FALSE(drawn[0].contains(u)) << name;
  }
}

TEST_F(RandomDynamicsTest, StartsAreAsPublished) {
  SingleSimulation one(PhysicsLiteratureTasks(), "literature/walker-param-v0");
  ExpectStartsFill(one, -0.005, 0.005, [](const mjData& d) { return d.qpos[2]; });
  ExpectStartsFill(one, -0.005, 0.005, [](const mjData& d) { return d.qvel[5]; });
}

}  // namespace
}  // namespace longplay
