// SPDX-License-Identifier: MIT
#include "datasets/tables/csv_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "datasets/data_error.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Refusal(const std::string& text) {
  try {
    ParseCsvTable(text, "t.csv");
  } catch (const DataError& error) {
    return error.where() + ": " + error.problem();
  }
  return "read";
}

TEST(CsvTableTest, ColumnsHaveTheTypeThatAllTheirCellsHave) {
  const StepTable table = ParseCsvTable(
      "whole,decimal,truth,text,mixed\n1,1,True,a,1\n-2,2.5,false,b,x\n3,nan,TRUE,,2\n", "t.csv");
  EXPECT_EQ(table.rows, 3);
  EXPECT_THAT(table.lines, ElementsAre(2, 3, 4));
  const auto type = [&](const char* name) { return table.Find(name)->type; };
  EXPECT_EQ(type("whole"), "int64");
  EXPECT_EQ(type("decimal"), "float64");
  EXPECT_EQ(type("truth"), "bool");
  EXPECT_EQ(type("text"), "");
  EXPECT_THAT(table.Find("whole")->numbers, ElementsAre(1, -2, 3));
  EXPECT_THAT(table.Find("truth")->numbers, ElementsAre(1, 0, 1));
  EXPECT_TRUE(std::isnan(table.Find("decimal")->numbers[2])) << "who uses it refuses it";
  EXPECT_THAT(table.Find("text")->texts, ElementsAre("a", "b", ""));
  EXPECT_THAT(table.Find("mixed")->texts, ElementsAre("1", "x", "2")) << "as they are written";
  EXPECT_THAT(table.Find("mixed")->numbers, IsEmpty());
  EXPECT_EQ(table.Find("other"), nullptr);
}

TEST(CsvTableTest, DecimalsOfAColumnBeginAlike) {
  const StepTable table = ParseCsvTable("a;b;c\n1,5;1.5;1,5\n2;2;2.5\n", "t.csv");
  EXPECT_THAT(table.Find("a")->numbers, ElementsAre(1.5, 2));
  EXPECT_EQ(table.Find("a")->decimal, ',');
  EXPECT_EQ(table.Find("b")->decimal, '.');
  EXPECT_TRUE(table.Find("c")->is_text()) << "1,5 or 2.5: one of them is something else";
}

TEST(CsvTableTest, NamesOfManyDigitsStayApart) {
  const StepTable table =
      ParseCsvTable("run,x\n20240101123456789,1\n20240101123456790,2\n", "t.csv");
  EXPECT_THAT(table.Find("run")->texts, ElementsAre("20240101123456789", "20240101123456790"));
}

TEST(CsvTableTest, ANumberSignBeforeTheHeaderIsNumpys) {
  const StepTable table = ParseCsvTable("# x,y\n1,2\n", "t.csv");
  EXPECT_EQ(table.Names(), "x, y");
}

TEST(CsvTableTest, TheColumnOfAnIndexMayHaveNoName) {
  EXPECT_EQ(ParseCsvTable(",x\n0,1\n", "t.csv").Names(), "(no name), x");
}

TEST(CsvTableTest, WhatIsNoTableIsRefusedWithItsLine) {
  EXPECT_EQ(Refusal(""), "t.csv: expected a header, got an empty file");
  EXPECT_EQ(Refusal("a,b\n"), "t.csv: expected rows below the header, got none");
  EXPECT_EQ(Refusal("1,2.5\n3,4\n"),
            "t.csv:1: expected a header, the names of the columns, got numbers");
  EXPECT_EQ(Refusal("x y z\n1 2 3\n"),
            "t.csv:1: expected columns with , ; tab or | between them, got one: x y z");
  EXPECT_EQ(Refusal("a,b,a\n1,2,3\n"), "t.csv:1: expected different names of columns, got a twice");
  EXPECT_EQ(Refusal("a,b\n1,2\n\n3\n"), "t.csv:4: expected 2 cells as in the header, got 1");
}

}  // namespace
}  // namespace longplay
