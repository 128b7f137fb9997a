// SPDX-License-Identifier: MIT
#include "datasets/tables/step_table.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

TEST(TableTest, CellsOfTextAreFoundByTheirLine) {
  const StepTable text = {.path = "t.csv", .rows = 2, .columns = {{.name = "x"}}, .lines = {2, 5}};
  EXPECT_EQ(text.Where(text.columns[0], 1), "t.csv:5:x");
  EXPECT_EQ(text.RowText(1), "line 5");
}

TEST(TableTest, CellsOfArraysAreFoundByTheirIndex) {
  const StepTable arrays = {.path = "t.npz",
                            .rows = 2,
                            .columns = {{.name = "flat"}, {.name = "wide", .row_shape = {2, 3}}}};
  EXPECT_EQ(arrays.Where(arrays.columns[0], 1), "t.npz:flat[1]");
  EXPECT_EQ(arrays.Where(arrays.columns[1], 1, 5), "t.npz:wide[1, 5]");
  EXPECT_EQ(arrays.columns[1].width(), 6);
  EXPECT_EQ(arrays.RowText(1), "row 1");
  EXPECT_EQ(arrays.Names(), "flat, wide");
  EXPECT_EQ(StepTable().Names(), "none");
}

TEST(TableTest, IntegersAndTruthValuesAreWhole) {
  EXPECT_TRUE((TableColumn{.type = "int8"}).is_whole());
  EXPECT_TRUE((TableColumn{.type = "uint64"}).is_whole());
  EXPECT_TRUE((TableColumn{.type = "bool"}).is_whole());
  EXPECT_FALSE((TableColumn{.type = "float32"}).is_whole());
  EXPECT_FALSE((TableColumn{.type = ""}).is_whole());
}

}  // namespace
}  // namespace longplay
