// SPDX-License-Identifier: MIT
#include "env/literature/legacy_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "env/literature/literature_physics.h"
#include "env/physics/model_files.h"
#include "tests/env/fixture_file.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

class LegacyTaskTest : public MujocoTest {};

/// R diag(inertia) R^T, which does not depend on the order and signs of the axes.
std::array<double, 9> TensorOf(const double* inertia, const double* quat) {
  std::array<double, 9> turn = {}, tensor = {};
  mju_quat2Mat(turn.data(), quat);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 3; ++k) {
        tensor[3 * i + j] += turn[3 * i + k] * inertia[k] * turn[3 * j + k];
      }
    }
  }
  return tensor;
}

// Arrays that numpy computed from the sizes of the capsules; the script compares them with published
// ones.
TEST_F(LegacyTaskTest, MassesAndInertiasAreThoseOfTheOldCompiler) {
  const FixtureFile file(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/legacy_inertia.hdf5");
  for (const auto& [name, xml] :
       std::map<std::string, std::string>{{"half_cheetah", "half_cheetah.xml"},
                                          {"ant", "ant.xml"},
                                          {"hopper", "hopper.xml"},
                                          {"walker2d", "walker2d.xml"}}) {
    const ModelPtr model = LoadLegacyModel(xml);
    const auto mass = file.Read<double>(name + "/mass"), ipos = file.Read<double>(name + "/ipos");
    const auto inertia = file.Read<double>(name + "/inertia");
    const auto quat = file.Read<double>(name + "/iquat");
    ASSERT_EQ(mass.size() + 1, static_cast<size_t>(model->nbody)) << name;
    for (size_t body = 0; body < mass.size(); ++body) {
      EXPECT_NEAR(model->body_mass[body + 1], mass[body], 5e-10) << name << " " << body;
      const auto expected = TensorOf(&inertia[3 * body], &quat[4 * body]);
      const auto got =
          TensorOf(model->body_inertia + 3 * (body + 1), model->body_iquat + 4 * (body + 1));
      for (size_t k = 0; k < 9; ++k) EXPECT_NEAR(got[k], expected[k], 5e-10) << name << " " << body;
      for (size_t k = 0; k < 3; ++k) {
        EXPECT_NEAR(model->body_ipos[3 * (body + 1) + k], ipos[3 * body + k], 5e-10) << name;
      }
      // Factors on single inertias need the same axes; each of these robots' bodies is one capsule.
      if (name != "hopper" && name != "walker2d") continue;
      for (size_t k = 0; k < 4; ++k) {
        EXPECT_NEAR(model->body_iquat[4 * (body + 1) + k], quat[4 * body + k], 5e-10) << name;
      }
    }
  }
}

// The reference's table: a capsule of the hopper's torso (L = 0.4, r = 0.05) weighs
// 1000 pi 0.05^2 (0.4 + 0.05) = 3.5343 kg, not 3.6652.
TEST_F(LegacyTaskTest, OneCapsuleIsAsComputedByHand) {
  const ModelPtr old = LoadLegacyModel("hopper.xml");
  const ModelPtr exact = LoadModel("gymnasium/envs/mujoco/assets/hopper.xml");
  EXPECT_NEAR(old->body_mass[1], 3.5343, 5e-5);
  EXPECT_NEAR(exact->body_mass[1], 3.6652, 5e-5);
  EXPECT_NEAR(old->body_inertia[3], 3.5343 * (3 * 0.0025 + 0.45 * 0.45) / 12, 5e-6);
}

TEST_F(LegacyTaskTest, GeometryStaysThatOfCapsulesAndConstantsFollowTheMasses) {
  const ModelPtr old = LoadLegacyModel("walker2d.xml");
  const ModelPtr exact = LoadModel("gymnasium/envs/mujoco/assets/walker2d.xml");
  for (int geom = 0; geom < old->ngeom; ++geom) {
    EXPECT_EQ(old->geom_type[geom], exact->geom_type[geom]);
    for (int k = 0; k < 3; ++k) {
      EXPECT_EQ(old->geom_size[3 * geom + k], exact->geom_size[3 * geom + k]);
    }
  }
  EXPECT_GT(old->body_invweight0[2], exact->body_invweight0[2]);  // lighter
}

TEST_F(LegacyTaskTest, ExactCapsulesAreTodaysOnRequest) {
  const SingleSimulation exact(PhysicsLiteratureTasks(), "literature/hopper-param-v0",
                               {{"capsules", "exact"}});
  EXPECT_NEAR(exact.task().model()->body_mass[1], 3.6652, 5e-5);
}

TEST_F(LegacyTaskTest, StepsLastAsLongAsPublished) {
  for (const auto& [id, dt] :
       std::map<std::string, double>{{"literature/cheetah-vel-v0", 5 * 0.01},
                                     {"literature/ant-dir-v0", 5 * 0.01},
                                     {"literature/hopper-param-v0", 4 * 0.004},
                                     {"literature/walker-param-v0", 5 * 0.004}}) {
    SingleSimulation one(PhysicsLiteratureTasks(), id);
    one.parameter.assign(2, 0);
    one.Set({});
    one.Step(std::vector<double>(one.model()->nu, 0));
    EXPECT_NEAR(one.data()->time, dt, 1e-12) << id;
  }
}

}  // namespace
}  // namespace longplay
