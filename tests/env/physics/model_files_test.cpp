// SPDX-License-Identifier: MIT
#include "env/physics/model_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr const char* kBall =
    "<mujoco><worldbody><body name='ball'><freejoint/><geom "
    "size='0.1'/></body></worldbody></mujoco>";

class ModelFilesTest : public MujocoTest {
 protected:
  ~ModelFilesTest() override { unsetenv("LONGPLAY_ASSETS"); }
};

TEST_F(ModelFilesTest, TheFolderOfTheEnvironmentVariableComesFirst) {
  const std::filesystem::path own = ModelRoot();
  EXPECT_TRUE(std::filesystem::exists(own / "dm_control/suite/cartpole.xml"));
  setenv("LONGPLAY_ASSETS", "/somewhere", 1);
  EXPECT_EQ(ModelRoot(), "/somewhere");
  setenv("LONGPLAY_ASSETS", "", 1);  // as if it were not set
  EXPECT_EQ(ModelRoot(), own);
}

TEST_F(ModelFilesTest, AMissingFileIsNamedWithWhatToDo) {
  setenv("LONGPLAY_ASSETS", "/somewhere", 1);
  const auto what =
      AllOf(HasSubstr("/somewhere/x.xml"), HasSubstr("./dev setup"), HasSubstr("LONGPLAY_ASSETS"));
  EXPECT_THAT([] { LoadModel("x.xml"); }, ThrowsMessage<std::runtime_error>(what));
  EXPECT_THAT([] { ReadModel("x.xml"); }, ThrowsMessage<std::runtime_error>(what));
  EXPECT_THAT(
      [] { LoadSuiteModel("walker"); },
      ThrowsMessage<std::runtime_error>(HasSubstr("/somewhere/dm_control/suite/walker.xml")));
}

TEST_F(ModelFilesTest, TextBecomesAModel) {
  const ModelPtr model = LoadModelText(kBall, "ball");
  EXPECT_EQ(model->nq, 7);
  const SpecPtr spec = ReadModelText(kBall, "ball");
  EXPECT_EQ(CompileModel(spec.get(), "ball")->nq, 7);
}

TEST_F(ModelFilesTest, TextThatIsNoModelIsRefusedByItsName) {
  const std::string wrong = "<mujoco><worldbody><geom shape='round'/></worldbody></mujoco>";
  const auto what = AllOf(HasSubstr("my ball: expected valid MJCF"), HasSubstr("shape"));
  EXPECT_THAT([&] { LoadModelText(wrong, "my ball"); }, ThrowsMessage<std::runtime_error>(what));
  EXPECT_THAT([&] { ReadModelText(wrong, "my ball"); }, ThrowsMessage<std::runtime_error>(what));
}

TEST_F(ModelFilesTest, WhatDoesNotCompileIsRefusedByItsName) {
  const SpecPtr massless = ReadModelText(
      "<mujoco><worldbody><body><freejoint/></body></worldbody></mujoco>", "massless");
  EXPECT_THAT([&] { CompileModel(massless.get(), "massless"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("massless: expected valid MJCF, got")));
}

TEST_F(ModelFilesTest, ASuitesModelMayBeEditedFirst) {
  const ModelPtr plain = LoadSuiteModel("cartpole");
  const ModelPtr longer = LoadSuiteModel("cartpole", [](std::string& xml) {
    const std::string step = "timestep=\"0.01\"";
    xml.replace(xml.find(step), step.size(), "timestep=\"0.05\"");
  });
  EXPECT_EQ(plain->opt.timestep, 0.01);
  EXPECT_EQ(longer->opt.timestep, 0.05);
  EXPECT_EQ(plain->nbody, longer->nbody);
}

TEST_F(ModelFilesTest, TheSkyIsCoarseAndTheFloorIsNot) {
  const ModelPtr model = LoadSuiteModel("cartpole");
  const int sky = mj_name2id(model.get(), mjOBJ_TEXTURE, "skybox");
  const int floor = mj_name2id(model.get(), mjOBJ_TEXTURE, "grid");
  ASSERT_TRUE(sky >= 0 && floor >= 0);
  EXPECT_EQ(model->tex_width[sky], 100);
  EXPECT_EQ(model->tex_width[floor], 300);
}

}  // namespace
}  // namespace longplay
