// SPDX-License-Identifier: MIT
#include "env/physics/model_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mjbatch.h>

#include <array>
#include <stdexcept>

#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// Two bodies of 1 and 2 kg beside the world.
constexpr const char* kModel = R"(
<mujoco><worldbody>
  <body><freejoint/><geom size='0.1' mass='1'/></body>
  <body><freejoint/><geom size='0.1' mass='2'/></body>
</worldbody></mujoco>)";

class ModelFieldsTest : public MujocoTest {
 protected:
  ModelFieldsTest() {
    mjBatchConfig config;
    mjb_defaultConfig(&config);
    std::array<char, 1024> error = {};
    batch_.reset(mjb_makeBatch(model_.get(), 3, &config, error.data(), error.size()));
    if (!batch_) throw std::runtime_error(error.data());
  }
  // Mass of the second body in simulation i, as the simulator sees it.
  double MassIn(int i) const {
    const ModelPtr own(mj_copyModel(nullptr, model_.get()));
    mjb_getModel(batch_.get(), i, own.get());
    return own->body_mass[2];
  }

  ModelPtr model_ = LoadModelText(kModel, "two bodies");
  BatchPtr batch_;
};

TEST_F(ModelFieldsTest, EverySimulationStartsWithTheModelsOwnValues) {
  const ModelFields fields(batch_.get(), {"body_mass", "geom_size"});
  for (const int64_t i : {0, 1, 2}) {
    EXPECT_THAT(fields.row(0, i), ElementsAre(0, 1, 2));
    EXPECT_EQ(fields.row(1, i).size(), 2u * 3);
    ASSERT_EQ(fields.rows(i).size(), 2u);
    EXPECT_EQ(fields.rows(i)[1].data(), fields.row(1, i).data());
  }
}

TEST_F(ModelFieldsTest, AChangeIsOneSimulationsAlone) {
  const ModelFields fields(batch_.get(), {"body_mass"});
  fields.row(0, 1)[2] = 7;
  EXPECT_EQ(MassIn(0), 2);
  EXPECT_EQ(MassIn(1), 7);
  EXPECT_EQ(MassIn(2), 2);
}

TEST_F(ModelFieldsTest, RestoringIsOneSimulationsToo) {
  const ModelFields fields(batch_.get(), {"body_mass"});
  for (const int64_t i : {0, 1}) fields.row(0, i)[2] = 7;
  fields.Restore(1);
  EXPECT_EQ(MassIn(0), 7);
  EXPECT_EQ(MassIn(1), 2);
  EXPECT_EQ(model_->body_mass[2], 2);  // the model itself was never touched
}

TEST_F(ModelFieldsTest, AFieldIsFoundByItsName) {
  const ModelFields fields(batch_.get(), {"body_mass", "geom_size"});
  EXPECT_EQ(fields.Index("geom_size"), 1u);
  EXPECT_THAT([&] { fields.Index("geom_pos"); },
              ThrowsMessage<std::invalid_argument>(
                  HasSubstr("draws (body_mass, geom_size), got geom_pos")));
  const ModelFields none(batch_.get(), {});
  EXPECT_TRUE(none.empty());
  EXPECT_THAT([&] { none.Index("geom_pos"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("(none), got geom_pos")));
}

TEST_F(ModelFieldsTest, OnlyArraysOfNumbersCanBeDrawn) {
  for (const char* name : {"body_weight", "body_parentid"}) {  // no field, a field of integers
    EXPECT_THAT([&] { ModelFields(batch_.get(), {name}); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(
                    std::string("expected an array of numbers of mjModel, got ") + name)));
  }
}

}  // namespace
}  // namespace longplay
