// SPDX-License-Identifier: MIT
#include "agent/reference/configuration_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "agent/collect_work/collect_config.h"
#include "agent/comparison/comparison_keys.h"
#include "agent/config/config_fields.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

TEST(ConfigurationPageTest, ThePageInDocsIsWhatTheTablesOfKeysGive) {
  std::ifstream file(LONGPLAY_SOURCE_DIR "/docs/reference/configuration.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(page, ConfigurationPage()) << "run: ./dev docs";
}

TEST(ConfigurationPageTest, EveryKeyHasALineWithWords) {
  const std::string page = ConfigurationPage();
  for (const ConfigField& field : ConfigFields()) {
    EXPECT_THAT(page, HasSubstr("\n| `" + field.key + "` | "));
  }
  for (const ComparisonKey& key : kComparisonKeys) {
    EXPECT_THAT(page, HasSubstr("\n| `compare." + std::string(key.name) + "` | "));
    EXPECT_GE(std::ranges::count(std::string(key.comment), ' '), 2) << key.name;
  }
  for (const CollectKey& key : CollectKeys()) {
    EXPECT_THAT(page, HasSubstr("\n| `" + key.key + "` | "));
    EXPECT_GE(std::ranges::count(key.comment, ' '), 1) << key.key;
  }
}

TEST(ConfigurationPageTest, ACommentIsItsUnitAndItsText) {
  const auto split = [](const char* comment, const char* accepted) {
    const KeyComment result = SplitComment(comment, accepted);
    return result.unit + "|" + result.text;
  };
  EXPECT_EQ(split("[steps] between rows", "an integer from 1"), "steps|between rows");
  EXPECT_EQ(split("mamba: [tokens] width", "an integer from 1"), "tokens|mamba: width");
  EXPECT_EQ(split("a list; [] = none", "a list"), "|a list; [] = none");
  EXPECT_EQ(split("which one (a, b)", "one of a, b"), "|which one");
  EXPECT_EQ(split("which one (a, b)", "text"), "|which one (a, b)");
}

}  // namespace
}  // namespace longplay
