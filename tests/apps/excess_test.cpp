// SPDX-License-Identifier: MIT
// From readings in fog to the score, as a user goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

constexpr const char* kSettings =
    " chain.tokens=[observation] chain.episodes=1 model.step_embedding=false "
    "model.episode_embedding=false";

// Nearly without noise the reading is the answer: 150 steps of training are enough to come near.
TEST(ExcessTest, ATrainedPolicyIsScoredAtEveryLength) {
  const std::string data = TemporaryPath("fog.hdf5"), run = TemporaryPath("fog");
  const Outcome collected = RunProgram(
      "collect --env 'family/fog-v0?sigma=0.5&steps=20' --steps 4000 --json --out " + data);
  ASSERT_EQ(collected.code, 0) << collected.error;
  EXPECT_EQ(nlohmann::json::parse(collected.out)["algorithm"], "filter");
  const std::string train = "train --data " + data + " --out " + run +
                            " train.steps=150 train.tokens_per_step=320 model.layers=1 "
                            "model.width=16 model.heads=2 train.learning_rate=1e-2 "
                            "train.warmup_steps=5";
  const Outcome refused = RunProgram(train);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.error, HasSubstr("rewards would give the hidden vector away"));
  const Outcome trained = RunProgram(train + kSettings);
  ASSERT_EQ(trained.code, 0) << trained.error;
  const std::string csv = TemporaryPath("fog.csv"), file = TemporaryPath("fog.json");
  const Outcome scored = RunProgram("excess " + run + " --steps 20 --episodes 64 --json --csv " +
                                    csv + " --out " + file);
  ASSERT_EQ(scored.code, 0) << scored.error;
  const nlohmann::json json = nlohmann::json::parse(scored.out);
  EXPECT_EQ(json, nlohmann::json::parse(Text(file)));
  EXPECT_EQ(json["trained_steps"], 20);
  EXPECT_EQ(json["checkpoint_step"], 150);
  ASSERT_EQ(json["excess"].size(), 5U);
  const nlohmann::json& first = json["excess"][0];
  EXPECT_EQ(first["step"], 1);
  // Of one reading: v = 0.25 / 1.25; doing nothing has an excess of 4.
  EXPECT_NEAR(first["limit"], -0.4, 1e-12);
  EXPECT_NEAR(first["zero_action"], 4, 1e-12);
  EXPECT_LT(first["mean"], 1);
  const std::string table = Text(csv);
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 6);
  EXPECT_THAT(RunProgram("excess " + run + " --steps 20 --episodes 2").out,
              HasSubstr("excess over the limit, as a share of it"));
}

TEST(ExcessTest, OtherTasksAreRefusedInOneLine) {
  const std::string data = TemporaryPath("fog.hdf5"), run = TemporaryPath("fog");
  ASSERT_EQ(RunProgram("collect --env 'family/fog-v0?steps=5' --steps 20 --out " + data).code, 0);
  ASSERT_EQ(RunProgram("train --data " + data + " --out " + run +
                       " train.steps=1 model.layers=1 model.width=8 model.heads=1" + kSettings)
                .code,
            0);
  const Outcome outcome = RunProgram("excess " + run + " --env Hopper-v5");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.error,
            "error: scoring in fog: environment: expected family/fog-v0, whose limit is known, got "
            "Hopper-v5\n");
  EXPECT_EQ(RunProgram("excess " + run + " --steps 0").code, 2);
}

}  // namespace
}  // namespace longplay
