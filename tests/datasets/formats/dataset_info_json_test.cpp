// SPDX-License-Identifier: MIT
#include "datasets/formats/dataset_info_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

DatasetInfo ThereAndBack(const DatasetInfo& info) { return DatasetInfoFromText(ToText(info)); }

TEST(DatasetInfoJsonTest, EveryFieldComesBack) {
  const DatasetInfo info = ThereAndBack({.path = "/data/\"quoted\".hdf5",
                                         .format = "minari",
                                         .episodes = 3,
                                         .steps = int64_t{1} << 60,
                                         .observation_size = 17,
                                         .action_size = 6,
                                         .action_kind = ActionKind::kDiscrete,
                                         .has_rewards = false,
                                         .action_low = {-1, 0.1},
                                         .action_high = {1, 1.0 / 3},
                                         .environment = "Hopper-v5",
                                         .observation_type = "float32",
                                         .action_type = "int64",
                                         .reward_type = "float16",
                                         .action_start = -2,
                                         .action_repeat = 4,
                                         .max_episode_steps = 1000,
                                         .reference_min = -20.25,
                                         .reference_max = 1e5});
  EXPECT_EQ(info.path, "/data/\"quoted\".hdf5");
  EXPECT_EQ(info.format, "minari");
  EXPECT_EQ(info.episodes, 3);
  EXPECT_EQ(info.steps, int64_t{1} << 60);
  EXPECT_EQ(info.observation_size, 17);
  EXPECT_EQ(info.action_size, 6);
  EXPECT_EQ(info.action_kind, ActionKind::kDiscrete);
  EXPECT_FALSE(info.has_rewards);
  EXPECT_THAT(info.action_low, ElementsAre(-1, 0.1));
  EXPECT_THAT(info.action_high, ElementsAre(1, 1.0 / 3));
  EXPECT_EQ(info.environment, "Hopper-v5");
  EXPECT_EQ(info.observation_type, "float32");
  EXPECT_EQ(info.action_type, "int64");
  EXPECT_EQ(info.reward_type, "float16");
  EXPECT_EQ(info.action_start, -2);
  EXPECT_EQ(info.action_repeat, 4);
  EXPECT_EQ(info.max_episode_steps, 1000);
  EXPECT_EQ(info.reference_min, -20.25);
  EXPECT_EQ(info.reference_max, 1e5);
}

TEST(DatasetInfoJsonTest, WhatAFileDoesNotSayStaysUnsaid) {
  const DatasetInfo info = ThereAndBack({.path = "a"});
  EXPECT_EQ(info.reference_min, std::nullopt);
  EXPECT_EQ(info.reference_max, std::nullopt);
  EXPECT_TRUE(info.action_low.empty());
  EXPECT_EQ(info.action_kind, ActionKind::kContinuous);
  EXPECT_TRUE(info.has_rewards);
}

TEST(DatasetInfoJsonTest, UnboundedActionsStayUnbounded) {
  const DatasetInfo info =
      ThereAndBack({.action_low = {-kInfinity, -1}, .action_high = {2, kInfinity}});
  EXPECT_THAT(info.action_low, ElementsAre(-kInfinity, -1));
  EXPECT_THAT(info.action_high, ElementsAre(2, kInfinity));
}

TEST(DatasetInfoJsonTest, TextIsOneLineWhateverTheNames) {
  const std::string text = ToText({.path = "two\nlines", .environment = "\xff no UTF-8"});
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_EQ(DatasetInfoFromText(text).path, "two\nlines");
}

TEST(DatasetInfoJsonTest, OtherTextsAreRefused) {
  for (const char* text : {"", "[]", "{}", R"({"path": 3})", "{\"path\": \"a\""}) {
    EXPECT_THAT([&] { DatasetInfoFromText(text); },
                testing::ThrowsMessage<std::runtime_error>(
                    testing::StartsWith("reading data: what a file holds: ")))
        << text;
  }
}

}  // namespace
}  // namespace longplay
