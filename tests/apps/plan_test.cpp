// SPDX-License-Identifier: MIT
// A plan, then a run of the length that it named, in the memory that it was given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

constexpr const char* kModel =
    " model.layers=1 model.width=16 model.heads=2 model.query_block=64 model.key_block=64 "
    "train.device=cpu --seconds 0.001";

TEST(PlanTest, PrintsEveryModeWithItsLongestContext) {
  const Outcome json = RunProgram(std::string("plan --memory 1024 --json") + kModel);
  ASSERT_EQ(json.code, 0) << json.error;
  const nlohmann::json plan = nlohmann::json::parse(json.out);
  EXPECT_EQ(plan["memory_bytes"], 1024. * (1 << 20));
  ASSERT_EQ(plan["rows"].size(), 12);
  for (const nlohmann::json& row : plan["rows"]) {
    // What is said of the length adds up to the memory, to a time step.
    const double tokens = row["longest_context"];
    const double bytes = row["fixed_bytes"].get<double>() +
                         row["bytes_per_token"].get<double>() * tokens +
                         plan["process_bytes"].get<double>();
    EXPECT_NEAR(bytes / plan["memory_bytes"].get<double>(), 1, 1e-4);
    EXPECT_GT(row["seconds_per_step"], 0);
  }
  const Outcome text = RunProgram(std::string("plan train.memory=1024") + kModel);
  ASSERT_EQ(text.code, 0) << text.error;
  EXPECT_THAT(text.out, HasSubstr("1024 MiB, of which the process takes"));
}

TEST(PlanTest, WrongInputIsOneLine) {
  const Outcome method = RunProgram("plan train.method=td3_bc");
  EXPECT_EQ(method.code, 1);
  EXPECT_THAT(method.error, HasSubstr("error: planning: train.method: expected sequence"));
  const Outcome mixer = RunProgram("plan model.mixer=reference_attention");
  EXPECT_EQ(mixer.code, 1);
  EXPECT_THAT(mixer.error, HasSubstr("model.mixer: expected one whose memory grows in proportion"));
  EXPECT_EQ(RunProgram("plan --memory 0").code, 2);
}

}  // namespace
}  // namespace longplay
