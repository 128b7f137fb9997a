// SPDX-License-Identifier: MIT
// Golden: every kind of Gymnasium space as Minari writes it, against Gymnasium's own flatten
// (fixtures/make_space_fixtures.py), and there and back through both layouts that we write.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "datasets/writers/convert.h"
#include "tests/datasets/read_all.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

std::string Spaces(const std::string& name) {
  return std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/spaces/" + name;
}

nlohmann::json Expected() { return nlohmann::json::parse(std::ifstream(Spaces("expected.json"))); }

std::vector<double> Flat(const nlohmann::json& rows) {
  std::vector<double> values;
  for (const nlohmann::json& row : rows) {
    for (const nlohmann::json& value : row) values.push_back(value);
  }
  return values;
}

TEST(SpacesTest, EverySpaceIsFlattenedAsGymnasiumDoes) {
  const nlohmann::json expected = Expected();
  for (const auto& [name, episodes] : expected.items()) {
    const auto reader = OpenAndReadAll(Spaces(name));
    ASSERT_EQ(reader->info().episodes, 2) << name;
    for (int64_t e = 0; e < 2; ++e) {
      const Episode episode = reader->Read(e);
      EXPECT_EQ(episode.observations, Flat(episodes[e]["observations"])) << name;
      EXPECT_EQ(episode.actions, Flat(episodes[e]["actions"])) << name;
    }
  }
}

TEST(SpacesTest, WhatWasConvertedIsTheSame) {
  const nlohmann::json expected = Expected();
  for (const auto& [name, episodes] : expected.items()) {
    const auto before = OpenDataset(Spaces(name));
    for (const TargetFormat format : {TargetFormat::kMinari, TargetFormat::kD4rl}) {
      const std::string out = TemporaryPath("converted");
      std::filesystem::remove_all(out);
      ConvertDataset(Spaces(name), out, format, {});
      EXPECT_THAT(ValidateDataset(out), testing::IsEmpty()) << name;
      const auto after = OpenAndReadAll(out);
      EXPECT_EQ(after->info().action_kind, before->info().action_kind) << name;
      for (int64_t e = 0; e < 2; ++e) {
        EXPECT_EQ(after->Read(e).observations, before->Read(e).observations) << name;
        EXPECT_EQ(after->Read(e).actions, before->Read(e).actions) << name;
      }
    }
  }
}

TEST(SpacesTest, NumberOutsideItsSpaceIsNamed) {
  const std::string folder = TemporaryPath("outside");
  std::filesystem::remove_all(folder);
  std::filesystem::copy(Spaces("discrete"), folder, std::filesystem::copy_options::recursive);
  std::ifstream in(folder + "/metadata.json");
  std::string text(std::istreambuf_iterator<char>(in), {});
  const size_t n = text.find(R"(\"n\": 5)");
  ASSERT_NE(n, std::string::npos) << text;
  text.replace(n, 8, R"(\"n\": 2)");
  std::ofstream(folder + "/metadata.json") << text;
  const std::vector<Problem> problems = ValidateDataset(folder);
  ASSERT_FALSE(problems.empty());
  EXPECT_EQ(problems[0].problem,
            "expected a whole number from 0 to 1, as the space has, got another");
}

}  // namespace
}  // namespace longplay
