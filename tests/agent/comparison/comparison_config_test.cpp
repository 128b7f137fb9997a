// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char kData[] = "data: {files: [a.hdf5]}\n";

ComparisonConfig Read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return ParseComparison(kData + text, "grid.yaml", overrides);
}

std::string Refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    const ComparisonConfig config = Read(text, overrides);
    for (const RowConfig& row : config.rows) OptionsOf(config, row, config.tasks.front());
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<std::string> Names(const ComparisonConfig& config) {
  std::vector<std::string> names;
  for (const RowConfig& row : config.rows) names.push_back(row.name);
  return names;
}

TEST(ComparisonConfigTest, AGridIsEveryCombinationNamedByWhatVaries) {
  const ComparisonConfig config = Read(
      "compare:\n  grid:\n    model.width: [16]\n    chain.episodes: [1, 4]\n"
      "    model.keep: [everything, layer_inputs]\n");
  EXPECT_THAT(Names(config), ElementsAre("1 episode, everything", "1 episode, layer inputs",
                                         "4 episodes, everything", "4 episodes, layer inputs"));
  EXPECT_EQ(config.rows[3].line, "layer inputs");
  const RunOptions options = OptionsOf(config, config.rows[3], config.tasks.front());
  EXPECT_EQ(options.chain.episodes, 4);
  EXPECT_EQ(options.model.attention.width, 16);
  EXPECT_EQ(options.model.keep, Keep::kLayerInputs);
  EXPECT_EQ(options.data.files.front(), "a.hdf5");
}

TEST(ComparisonConfigTest, VariantsStandBesideTheGridUnderTheirOwnNames) {
  const ComparisonConfig config = Read(
      "compare:\n  grid: {chain.episodes: [1, 4]}\n  reference: cloning\n  variants:\n"
      "    - {name: cloning, set: {chain.episodes: 1, chain.tokens: [observation]}}\n");
  EXPECT_THAT(Names(config), ElementsAre("1 episode", "4 episodes", "cloning"));
  EXPECT_EQ(config.reference, 2U);
  EXPECT_FALSE(config.rows[2].in_grid);
  EXPECT_FALSE(OptionsOf(config, config.rows[2], config.tasks[0]).model.tokens.use_return);
}

TEST(ComparisonConfigTest, TasksSetTheirDataAndEnvironment) {
  const ComparisonConfig config = Read(
      "compare:\n  grid: {chain.episodes: [1]}\n  held_out: c.hdf5\n  tasks:\n"
      "    - {name: hop, data: [b.hdf5], environment: Hopper-v5}\n"
      "    - {name: file, data: d.hdf5, held_out: [e.hdf5], set: {data.place: memory}}\n");
  ASSERT_EQ(config.tasks.size(), 2U);
  const RunOptions hop = OptionsOf(config, config.rows[0], config.tasks[0]);
  EXPECT_THAT(hop.data.files, ElementsAre("b.hdf5"));
  EXPECT_EQ(hop.evaluate.environment, "Hopper-v5");
  EXPECT_THAT(config.tasks[0].held_out, ElementsAre("c.hdf5"));
  EXPECT_THAT(config.tasks[1].held_out, ElementsAre("e.hdf5"));
}

TEST(ComparisonConfigTest, ABaseIsFoundBesideTheFileAndInlineSectionsOverrideIt) {
  std::ofstream(TemporaryPath("base.yaml")) << kData << "train: {steps: 7, seed: 3}\n";
  std::ofstream(TemporaryPath("grid.yaml"))
      << "base: base.yaml\ntrain: {steps: 9}\ncompare: {grid: {chain.episodes: [1]}}\n";
  const ComparisonConfig config =
      LoadComparison(TemporaryPath("grid.yaml"), {"train.learning_rate=0.5", "compare.seeds=2"});
  EXPECT_EQ(config.base.train.steps, 9);
  EXPECT_EQ(config.base.train.seed, 3U);
  EXPECT_EQ(config.base.train.learning_rate, 0.5);
  EXPECT_EQ(config.seeds, 2);
  std::ofstream(TemporaryPath("base.yaml")) << kData << "\ntrain: {stepz: 7}\n";
  EXPECT_THROW(
      {
        try {
          LoadComparison(TemporaryPath("grid.yaml"), {});
        } catch (const std::invalid_argument& error) {
          EXPECT_THAT(error.what(), AllOf(HasSubstr("base.yaml:3"), HasSubstr("train.stepz")));
          throw;
        }
      },
      std::invalid_argument);
}

TEST(ComparisonConfigTest, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_THAT(Refusal("train: {steps: 3}\n"), HasSubstr("compare: expected a section"));
  EXPECT_THAT(Refusal("compare: {}\n"), HasSubstr("expected a grid or variants, got neither"));
  EXPECT_THAT(Refusal("compare: {grid: {}}\n"),
              AllOf(HasSubstr("grid.yaml:2: compare.grid"), HasSubstr("at least one key")));
  EXPECT_THAT(Refusal("compare:\n  grid:\n    chain.episodes: []\n"),
              AllOf(HasSubstr("grid.yaml:4"), HasSubstr("at least one value")));
  EXPECT_THAT(Refusal("compare:\n  grid:\n    chain.episodez: [1]\n"),
              AllOf(HasSubstr("grid.yaml:4: chain.episodez"), HasSubstr("an unknown key")));
  EXPECT_THAT(Refusal("compare:\n  grid:\n    chain.episodes: [1, none]\n"),
              AllOf(HasSubstr("grid.yaml:4: chain.episodes"), HasSubstr("got none")));
  EXPECT_THAT(Refusal("compare:\n  gird: {chain.episodes: [1]}\n"),
              AllOf(HasSubstr("grid.yaml:3: compare.gird"), HasSubstr("(closest: compare.grid, ")));
  EXPECT_THAT(Refusal("compare: {grid: {chain.episodes: [2, 2]}}\n"),
              HasSubstr("expected different rows, got \"2 episodes\" twice"));
  EXPECT_THAT(Refusal("compare: {grid: {chain.episodes: [2]}, seeds: 0}\n"),
              HasSubstr("compare.seeds: expected an integer from 1"));
  EXPECT_THAT(Refusal("compare: {grid: {chain.episodes: [2]}, budgets: [time]}\n"),
              HasSubstr("compare.budgets: expected a list of steps, tokens or both, got [time]"));
  EXPECT_THAT(Refusal("compare: {grid: {chain.episodes: [2]}, reference: x}\n"),
              HasSubstr("compare.reference: expected the name of a row, got x"));
  EXPECT_THAT(Refusal("compare: {variants: [{set: {chain.episodes: 2}}]}\n"),
              HasSubstr("compare.variants: name: expected a name, got none"));
  EXPECT_THAT(Refusal("compare: {variants: [{name: a, sets: {}}]}\n"),
              HasSubstr("compare.variants: sets: expected a key name, set"));
  EXPECT_THAT(Refusal("compare: {grid: {chain.episodes: [2]}, tasks: []}\n"),
              HasSubstr("compare.tasks: expected a list with at least one entry"));
  EXPECT_THAT(Refusal("compare: {grid: {chain.episodes: [2]}}\n", {"compare.seed=1"}),
              HasSubstr("command line: compare.seed"));
}

// It was answered with the list of keys, of which reference is one.
TEST(ComparisonConfigTest, AReferenceThatIsNoNameIsToldSo) {
  EXPECT_THAT(Refusal("compare: {grid: {chain.episodes: [2]}, reference: [a, b]}\n"),
              HasSubstr("compare.reference: expected the name of a row, got [a, b]"));
  EXPECT_THAT(Refusal("compare:\n  grid: {chain.episodes: [2]}\n  reference:\n"),
              HasSubstr("grid.yaml:4: compare.reference: expected the name of a row, got nothing"));
}

// The later one won, or both did.
TEST(ComparisonConfigTest, AKeyThatComesTwiceIsRefusedWhereverItStands) {
  const std::string grid = "compare:\n  grid: {chain.episodes: [2]}\n";
  const auto twice = [](const std::string& key) {
    return HasSubstr(key + ": expected one value, got a second one");
  };
  EXPECT_THAT(Refusal("compare:\n  grid:\n    chain.episodes: [2]\n    chain.episodes: [4]\n"),
              twice("grid.yaml:5: chain.episodes"));
  EXPECT_THAT(Refusal(grid + "  variants: [{name: a, set: {model.width: 8, model.width: 16}}]\n"),
              twice("model.width"));
  EXPECT_THAT(Refusal(grid + "  variants: [{name: a, name: b}]\n"),
              twice("compare.variants: name"));
  EXPECT_THAT(Refusal(grid + "  tasks: [{name: a, data: b, data: c}]\n"),
              twice("compare.tasks: data"));
  EXPECT_THAT(
      Refusal(grid + "  tasks: [{name: a, set: {evaluate.window: 1, evaluate.window: 2}}]\n"),
      twice("evaluate.window"));
  // Under two names.
  EXPECT_THAT(Refusal(grid + "  tasks:\n    - {name: a, set: {data.files: [b]},\n"
                             "       data: c}\n"),
              twice("grid.yaml:6: data.files"));
}

TEST(ComparisonConfigTest, WhatRowsMustShareCannotDiffer) {
  for (const char* key : {"train.steps", "train.seed", "evaluate.episodes", "evaluate.seeds",
                          "evaluate.environment", "data.place"}) {
    EXPECT_THAT(Refusal(std::string("compare: {grid: {") + key + ": [1]}}\n"),
                AllOf(HasSubstr(key), HasSubstr("one that all rows share")));
  }
}

TEST(ComparisonConfigTest, ARowWhoseSettingsDoNotGoTogetherIsNamed) {
  EXPECT_THAT(Refusal("compare: {grid: {model.width: [16, 30]}}\n"),
              AllOf(HasSubstr("row \"width 30\""), HasSubstr("a multiple of model.heads")));
}

TEST(ComparisonConfigTest, EveryShippedComparisonIsAccepted) {
  int configs = 0;
  for (const char* folder : {"/configs/compare", "/configs/study"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(LONGPLAY_SOURCE_DIR) + folder)) {
      const ComparisonConfig config = LoadComparison(entry.path(), {});
      for (const TaskConfig& task : config.tasks) {
        for (const RowConfig& row : config.rows) OptionsOf(config, row, task);
      }
      ++configs;
    }
  }
  const ComparisonConfig demo = LoadComparison(LONGPLAY_SOURCE_DIR "/configs/demo.yaml", {});
  ASSERT_EQ(demo.tasks.size(), 2U);
  EXPECT_FALSE(demo.tasks[0].about.empty());
  EXPECT_GE(configs, 8);
}

}  // namespace
}  // namespace longplay
