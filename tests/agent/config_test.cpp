// SPDX-License-Identifier: MIT
#include "agent/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    ParseConfig(text, "run.yaml", overrides);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(ConfigTest, WrongKeysAndValuesNameFileLineKeyAndWhatIsAccepted) {
  EXPECT_THAT(Refusal("train:\n  stepz: 3\n"),
              AllOf(HasSubstr("run.yaml:2"), HasSubstr("train.stepz"), HasSubstr("steps")));
  EXPECT_THAT(Refusal("train:\n  seed: 1\n  steps: many\n"),
              AllOf(HasSubstr("run.yaml:3"), HasSubstr("train.steps"),
                    HasSubstr("expected an integer from 1"), HasSubstr("many")));
  EXPECT_THAT(Refusal("train: {steps: 0}\n"), HasSubstr("expected an integer from 1"));
  EXPECT_THAT(Refusal("model: {mixer: magic}\n"), HasSubstr("one of attention"));
  EXPECT_THAT(Refusal("chain: {tokens: [return]}\n"), HasSubstr("a list with observation"));
  EXPECT_THAT(Refusal("train: 3\n"), HasSubstr("train"));
  EXPECT_THAT(Refusal("wrong: {a: 1}\n"), HasSubstr("wrong"));
  EXPECT_THAT(Refusal("train: {steps: 1"), HasSubstr("run.yaml"));
  EXPECT_THAT(Refusal("train: {learning_rate: nan}\n"), HasSubstr("a number"));
}

TEST(ConfigTest, OverridesComeLastAndAreAsStrict) {
  const RunOptions options = ParseConfig("data: {files: [a]}\ntrain: {steps: 5}\n", "run.yaml",
                                         {"train.steps=7", "chain.episodes=2"});
  EXPECT_EQ(options.train.steps, 7);
  EXPECT_EQ(options.chain.episodes, 2);
  EXPECT_THAT(Refusal("", {"train.stepz=7"}), HasSubstr("train.stepz"));
  EXPECT_THAT(Refusal("", {"train.steps=-1"}), HasSubstr("train.steps"));
}

TEST(ConfigTest, TheEffectiveConfigReadsBackToItself) {
  RunOptions options = ParseConfig("", "run.yaml",
                                   {"train.learning_rate=3.0e-4", "evaluate.target=12.5",
                                    "chain.packing=interleaved", "data.files=[a.hdf5, b]"});
  const std::string text = ConfigToYaml(options);
  EXPECT_EQ(ConfigToYaml(ParseConfig(text, "again.yaml", {})), text);
  EXPECT_EQ(ParseConfig(text, "again.yaml", {}).train.learning_rate, 3e-4);
}

TEST(ConfigTest, EveryShippedConfigIsAccepted) {
  int configs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LONGPLAY_SOURCE_DIR "/configs")) {
    if (entry.is_directory()) continue;  // tasks
    EXPECT_EQ(LoadConfig(entry.path(), {}).data.files.size(), 1U) << entry.path();
    ++configs;
  }
  EXPECT_GE(configs, 7);
}

}  // namespace
}  // namespace longplay
