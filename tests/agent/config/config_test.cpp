// SPDX-License-Identifier: MIT
#include "agent/config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "agent/config/config_fields.h"

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

TEST(ConfigTest, UnknownKeysAndSectionsNameTheClosestAndThePageOfAll) {
  const std::string page = "; all: docs/reference/configuration.md), got an unknown ";
  EXPECT_THAT(Refusal("train:\n  stepz: 3\n"),
              HasSubstr("run.yaml:2: train.stepz: expected a known key (closest: train.steps, "
                        "train.seed, train.dtype" +
                        page + "key"));
  EXPECT_THAT(Refusal("trian: {steps: 3}\n"),
              HasSubstr("run.yaml:1: trian: expected a known section (closest: train, data, chain" +
                        page + "section"));
  EXPECT_THAT(Refusal("compare: {seeds: 3}\n"),
              HasSubstr("run.yaml:1: compare: expected a file for this command, got a section that "
                        "`longplay compare` reads"));
  // Without its section, or in another one.
  EXPECT_THAT(Refusal("", {"steps=3"}),
              HasSubstr("steps: expected a known key (closest: train.steps"));
  EXPECT_THAT(Refusal("steps: 3\n"), HasSubstr("(closest: train.steps"));
  EXPECT_THAT(Refusal("chain: {mixer: mamba}\n"), HasSubstr("model.mixer"));
}

TEST(ConfigTest, WhatIsNoFileIsToldFromAKeyWithoutAValue) {
  const auto refusal = [](const char* path) -> std::string {
    try {
      LoadConfig(path, {});
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal("no_such.yaml"),
            "reading config: no_such.yaml: expected a YAML file, got none: there is no such file");
  EXPECT_EQ(
      refusal("train.steps"),
      "reading config: train.steps: expected a YAML file, got the name of a key (its value is "
      "set by train.steps=VALUE)");
}

TEST(ConfigTest, OverridesComeLastAndAreAsStrict) {
  const RunOptions options = ParseConfig("data: {files: [a]}\ntrain: {steps: 5}\n", "run.yaml",
                                         {"train.steps=7", "chain.episodes=2"});
  EXPECT_EQ(options.train.steps, 7);
  EXPECT_EQ(options.chain.episodes, 2);
  EXPECT_THAT(Refusal("", {"train.stepz=7"}), HasSubstr("train.stepz"));
  EXPECT_THAT(Refusal("", {"train.steps=-1"}), HasSubstr("train.steps"));
}

TEST(ConfigTest, AKeyByItsOldNameIsReadWithANote) {
  testing::internal::CaptureStderr();
  const RunOptions options = ParseConfig("model:\n  episode_memory: reset\n", "old.yaml", {});
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "note: old.yaml:2: model.episode_memory is called model.episode_context now\n");
  EXPECT_EQ(options.model.episode_context, EpisodeContext::kReset);
}

// Both were read, and the later one won.
TEST(ConfigTest, AKeyByItsOldAndItsNewNameIsRefused) {
  EXPECT_THAT(Refusal("model:\n  episode_context: carry\n  episode_memory: reset\n"),
              HasSubstr("run.yaml:3: model.episode_context: expected one value, got a second one"));
}

TEST(ConfigTest, EveryKeySaysInSomeWordsWhatItDecides) {
  std::map<KeyRole, int> roles;
  for (const ConfigField& field : ConfigFields()) {
    EXPECT_GE(std::ranges::count(field.comment, ' '), 2) << field.key << ": " << field.comment;
    ++roles[field.role];
  }
  EXPECT_EQ(roles.size(), 5U);
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
  namespace fs = std::filesystem;
  const fs::path folder = LONGPLAY_SOURCE_DIR "/configs";
  int configs = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yaml") continue;
    const fs::path parent = entry.path().parent_path();
    const std::string kind = parent.filename();
    if (kind == "tasks" || kind == "collect") continue;  // read by others
    if (kind == "compare" || kind == "study" || entry.path().stem() == "demo") continue;
    EXPECT_EQ(LoadConfig(entry.path(), {}).data.files.size(), 1U) << entry.path();
    ++configs;
  }
  EXPECT_GE(configs, 24);
}

TEST(ConfigTest, OneConfigNamesEachMethod) {
  const std::string d4rl = LONGPLAY_SOURCE_DIR "/configs/d4rl/";
  const auto load = [&](const char* name) { return LoadConfig(d4rl + name, {}); };
  EXPECT_EQ(load("bc_hopper.yaml").chain.best_fraction, 1);
  EXPECT_EQ(load("bc10_hopper.yaml").chain.best_fraction, 0.1);
  EXPECT_EQ(load("dt_hopper.yaml").chain.window, 20);
  EXPECT_EQ(load("at_hopper.yaml").chain.target, ChainTarget::kChainBest);
  EXPECT_TRUE(load("at_hopper.yaml").model.tokens.use_completion);
  EXPECT_EQ(load("ad_hopper.yaml").chain.source, ChainSource::kHistory);
  EXPECT_EQ(load("td3_bc_hopper.yaml").train.method, Method::kTd3Bc);
  EXPECT_EQ(load("iql_hopper.yaml").train.method, Method::kIql);
  const std::string small = LONGPLAY_SOURCE_DIR "/configs/small/";
  EXPECT_EQ(LoadConfig(small + "ic_iql_point_goal.yaml", {}).train.method, Method::kIcIql);
  EXPECT_EQ(LoadConfig(small + "dpt_point_goal.yaml", {}).chain.query_fraction, 0.1);
}

// They said ReLU, and GELU was trained.
TEST(ConfigTest, ConfigsOfPapersTrainTheActivationThatTheyName) {
  const std::string configs = LONGPLAY_SOURCE_DIR "/configs/";
  for (const char* name :
       {"paper/at_e4.yaml", "paper/at_e32.yaml", "paper/at_e128.yaml", "d4rl/dt_hopper.yaml",
        "d4rl/at_hopper.yaml", "exorl/dt_walker_run.yaml", "exorl/at_walker_run.yaml"}) {
    const ModelOptions model = LoadConfig(configs + name, {}).model;
    EXPECT_EQ(model.feed_forward, FeedForwardKind::kRelu) << name;
  }
}

TEST(ConfigTest, IqlDefaultsAreThoseThatItsConfigSpellsOut) {
  RunOptions spelt = LoadConfig(LONGPLAY_SOURCE_DIR "/configs/d4rl/iql_hopper.yaml", {});
  const std::string text = ConfigToYaml(spelt);
  spelt.methods.iql = {};
  EXPECT_EQ(ConfigToYaml(spelt), text);
}

TEST(ConfigTest, Td3BcDefaultsAreThoseThatItsConfigSpellsOut) {
  const Td3BcOptions spelt =
      LoadConfig(LONGPLAY_SOURCE_DIR "/configs/d4rl/td3_bc_hopper.yaml", {}).methods.td3_bc;
  const Td3BcOptions defaults;
  EXPECT_EQ(spelt.alpha, defaults.alpha);
  EXPECT_EQ(spelt.discount, defaults.discount);
  EXPECT_EQ(spelt.soft_update, defaults.soft_update);
  EXPECT_EQ(spelt.policy_noise, defaults.policy_noise);
  EXPECT_EQ(spelt.noise_clip, defaults.noise_clip);
  EXPECT_EQ(spelt.policy_every, defaults.policy_every);
  EXPECT_EQ(spelt.batch, defaults.batch);
  EXPECT_EQ(spelt.hidden, defaults.hidden);
  EXPECT_EQ(spelt.learning_rate, defaults.learning_rate);
}

}  // namespace
}  // namespace longplay
