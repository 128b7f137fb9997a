// SPDX-License-Identifier: MIT
#include "datasets/tables/npz_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/data_error.h"
#include "tests/datasets/npz_bytes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

NpzColumn Floats(const std::string& shape, const std::vector<float>& values) {
  return {"<f4", shape, BytesOf(values)};
}

StepTable Load(const NpzColumns& columns, const TableOptions& options = {}) {
  return LoadNpzTable(WriteNpz(TemporaryPath("t.npz"), columns), options);
}

std::string Refusal(const NpzColumns& columns) {
  try {
    Load(columns);
  } catch (const DataError& error) {
    return error.where().substr(TemporaryPath("").size()) + ": " + error.problem();
  }
  return "read";
}

std::vector<std::string> LeftOutOf(const StepTable& table) {
  std::vector<std::string> texts;
  for (const LeftOut& other : table.left_out) texts.push_back(other.name + ": " + other.why);
  return texts;
}

TEST(NpzTableTest, ArraysWithARowAStepAreColumns) {
  const StepTable table = Load({{"observations", Floats("(2, 3)", {1, 2, 3, 4, 5, 6})},
                                {"actions", {"<i8", "(2,)", BytesOf<int64_t>({1, 0})}},
                                {"terminals", {"|b1", "(2, 1)", std::string("\0\1", 2)}}});
  EXPECT_EQ(table.rows, 2);
  EXPECT_EQ(table.Names(), "observations, actions, terminals") << "in the order of the file";
  EXPECT_EQ(table.Find("observations")->width(), 3);
  EXPECT_EQ(table.Find("observations")->type, "float32");
  EXPECT_THAT(table.Find("observations")->numbers, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(table.Find("actions")->type, "int64");
  EXPECT_EQ(table.Find("terminals")->type, "bool");
  EXPECT_EQ(table.Find("terminals")->width(), 1);
  EXPECT_EQ(table.Where(*table.Find("observations"), 1, 2), table.path + ":observations[1, 2]");
  EXPECT_EQ(table.Where(*table.Find("actions"), 1), table.path + ":actions[1]");
}

TEST(NpzTableTest, WhatHasNoRowAStepIsLeftOutWithTheReason) {
  const StepTable table = Load({{"obs", Floats("(2,)", {1, 2})},
                                {"action", Floats("(2,)", {1, 2})},
                                {"gamma", {"<f8", "()", BytesOf<double>({0.99})}},
                                {"env_id", {"<U2", "()", std::string(8, 'a')}},
                                {"names", {"<U1", "(2,)", std::string(8, 'a')}},
                                {"info", {"|O", "()", "pickle"}},
                                {"mean", Floats("(3,)", {1, 2, 3})}});
  EXPECT_EQ(table.Names(), "obs, action");
  EXPECT_THAT(LeftOutOf(table),
              ElementsAre("gamma: a single value", "env_id: a single value", "names: texts",
                          "info: Python objects", "mean: of shape (3), not one a step"));
}

TEST(NpzTableTest, InfosAreReadWhenTheyAreAskedFor) {
  const StepTable table = Load({{"observations", Floats("(2,)", {1, 2})},
                                {"actions", Floats("(2,)", {1, 2})},
                                {"qpos", Floats("(2, 2)", {1, 2, 3, 4})},
                                {"infos/goal", Floats("(2,)", {7, 8})}});
  EXPECT_EQ(table.Names(), "observations, actions");
  EXPECT_THAT(table.infos, ElementsAre("qpos", "infos/goal"));
  const std::vector<TableColumn> infos = table.load_infos();
  ASSERT_EQ(infos.size(), 2U);
  EXPECT_THAT(infos[0].numbers, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(infos[0].row_shape, ElementsAre(2));
  EXPECT_THAT(infos[1].numbers, ElementsAre(7, 8));
}

TEST(NpzTableTest, EqualEpisodesStandOneAfterAnother) {
  const StepTable table = Load({{"observations", Floats("(2, 2, 1)", {1, 2, 3, 4})},
                                {"actions", Floats("(2, 2, 1)", {5, 6, 7, 8})},
                                {"rewards", Floats("(2, 2)", {1, 0, 0, 1})}});
  EXPECT_EQ(table.rows, 4);
  EXPECT_EQ(table.Find("observations")->width(), 1);
  ASSERT_TRUE(table.layout_episodes);
  EXPECT_THAT(table.layout_episodes->numbers, ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(table.notes, ElementsAre("arrays of shape (2, 2, 1): read as 2 episodes of 2 steps"));
}

// Two episodes of two discrete actions, or two steps that see a matrix: rewards tell.
TEST(NpzTableTest, WhatMayBeEpisodesOrMatricesIsReadOnlyWhereRewardsTell) {
  const NpzColumn matrix = Floats("(2, 2, 2)", {1, 2, 3, 4, 5, 6, 7, 8});
  const NpzColumn pairs = Floats("(2, 2)", {1, 2, 3, 4});
  EXPECT_TRUE(Load({{"observations", matrix}, {"actions", pairs}, {"rewards", pairs}})
                  .layout_episodes.has_value());
  const std::string refusal =
      "t.npz:observations: expected a row a step, [N, O], got shape (2, 2, 2) (equal episodes [E, "
      "T, O] need actions [E, T, A] and rewards [E, T])";
  EXPECT_EQ(Refusal({{"observations", matrix}, {"actions", pairs}}), refusal);
  EXPECT_EQ(
      Refusal({{"observations", matrix}, {"actions", pairs}, {"rewards", Floats("(2,)", {1, 2})}}),
      refusal);
}

TEST(NpzTableTest, AnIndexOfFewerNumbersHoldsTheEndsOfEpisodes) {
  const auto numbers = [](const std::vector<int64_t>& index) {
    const StepTable table =
        Load({{"obs", Floats("(4,)", {1, 2, 3, 4})},
              {"action", Floats("(4,)", {1, 2, 3, 4})},
              {"index", {"<i8", "(" + std::to_string(index.size()) + ",)", BytesOf(index)}}});
    return table.layout_episodes ? table.layout_episodes->numbers : std::vector<double>{};
  };
  EXPECT_THAT(numbers({1, 4}), ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(numbers({0, 1, 3}), ElementsAre(0, 1, 1, 2)) << "or their beginnings";
  EXPECT_THAT(numbers({0, 1, 2, 3}), IsEmpty()) << "a number for each row is no such index";
  EXPECT_EQ(Refusal({{"obs", Floats("(2,)", {1, 2})},
                     {"action", Floats("(2,)", {1, 2})},
                     {"index", {"<i8", "(1,)", BytesOf<int64_t>({5})}}}),
            "t.npz:index: expected rows where episodes end, ascending, got others");
}

TEST(NpzTableTest, StepsOfAnotherLengthAreRefused) {
  const NpzColumn two = Floats("(2,)", {1, 2});
  EXPECT_EQ(Refusal({{"observations", two}, {"actions", Floats("(3,)", {1, 2, 3})}}),
            "t.npz:actions: expected 2 rows of numbers, a row a step, got shape (3)");
  EXPECT_EQ(Refusal({{"observations", two}, {"actions", {"|O", "(2,)", "pickle"}}}),
            "t.npz:actions: expected 2 rows of numbers, a row a step, got Python objects");
  EXPECT_EQ(Refusal({{"observations", {"|O", "(2,)", "pickle"}}, {"actions", two}}),
            "t.npz:observations: expected rows of numbers, got Python objects");
  EXPECT_EQ(Refusal({{"observations", Floats("(0, 2)", {})}, {"actions", Floats("(0,)", {})}}),
            "t.npz:observations: expected at least one row, got none");
}

TEST(NpzTableTest, PicturesAndEpisodesOfExorlAreRefused) {
  EXPECT_EQ(Refusal({{"observations", {"|u1", "(1, 2, 2, 3)", std::string(12, 'a')}},
                     {"actions", Floats("(1,)", {1})}}),
            "t.npz:observations: expected rows of numbers, got images");
  const NpzColumn two = Floats("(2, 1)", {1, 2});
  EXPECT_EQ(
      Refusal({{"observation", two}, {"action", two}, {"reward", two}, {"discount", two}}),
      "t.npz:discount: expected steps with flags where episodes end, got one episode as ExoRL "
      "keeps it: give the folder of such files");
}

TEST(NpzTableTest, AnArchiveWithoutObservationsListsWhatItHas) {
  EXPECT_EQ(Refusal({{"states", Floats("(1,)", {1})}, {"controls", Floats("(1,)", {1})}}),
            "t.npz:observations: expected an array, got states, controls; `longplay data import` "
            "takes other names, --observations NAME");
  const StepTable named = Load({{"states", Floats("(2,)", {1, 2})}, {"other", Floats("(1,)", {1})}},
                               {.observations = {"states"}});
  EXPECT_EQ(named.Names(), "states");
  EXPECT_EQ(Refusal({}),
            "t.npz:observations: expected an array, got none; `longplay data import` "
            "takes other names, --observations NAME");
}

}  // namespace
}  // namespace longplay
