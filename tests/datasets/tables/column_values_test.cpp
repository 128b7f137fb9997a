// SPDX-License-Identifier: MIT
#include "datasets/tables/column_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "datasets/data_error.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;

/// A table of texts in one column x, whose rows stand in lines 2, 3 ...
StepTable Texts(const std::vector<std::string>& texts) {
  StepTable table = {.path = "t.csv", .rows = static_cast<int64_t>(texts.size())};
  TableColumn column = {.name = "x", .type = ""};
  column.texts = texts;
  table.columns = {column};
  for (int64_t row = 0; row < table.rows; ++row) table.lines.push_back(row + 2);
  return table;
}

/// An array x of numbers.
StepTable Numbers(const std::vector<double>& numbers) {
  StepTable table = {.path = "t.npz", .rows = static_cast<int64_t>(numbers.size())};
  TableColumn column = {.name = "x"};
  column.numbers = numbers;
  table.columns = {column};
  return table;
}

template <typename Work>
std::string Refusal(const Work& work) {
  try {
    work();
  } catch (const DataError& error) {
    return error.where() + ": " + error.problem();
  }
  return "good";
}

double Value(const std::string& cell, bool commas = false) {
  const auto number = ParseNumber(cell, commas);
  return number ? number->value : -99;
}

TEST(ColumnValuesTest, NumbersAreExact) {
  EXPECT_EQ(Value("0.1"), 0.1);
  EXPECT_EQ(Value("-1.7976931348623157e308"), -std::numeric_limits<double>::max());
  EXPECT_EQ(Value("+3"), 3);
  EXPECT_EQ(Value(".5"), 0.5);
  EXPECT_EQ(Value("5."), 5);
  EXPECT_EQ(Value("4.9e-324"), 4.9e-324);
  EXPECT_EQ(Value("1e-400"), 0) << "as near as a double goes";
  EXPECT_TRUE(std::isnan(Value("NaN")));
}

TEST(ColumnValuesTest, WhatIsNoNumberIsNone) {
  for (const char* cell : {"", "abc", "1.2.3", "1,5", "0x10", "1e400", "12 m", "+-1", "1_000"}) {
    EXPECT_FALSE(ParseNumber(cell, false)) << cell;
  }
}

TEST(ColumnValuesTest, ACommaStandsBeforeDecimalsWhereItSeparatesNoCells) {
  EXPECT_EQ(Value("1,5", true), 1.5);
  EXPECT_EQ(Value("-1,5e-3", true), -1.5e-3);
  EXPECT_EQ(Value("1.5", true), 1.5);
  EXPECT_FALSE(ParseNumber("1.234,5", true)) << "thousands";
  EXPECT_FALSE(ParseNumber("1,234,5", true));
}

TEST(ColumnValuesTest, WholeNumbersAreThoseWrittenWithoutDecimals) {
  EXPECT_TRUE(ParseNumber("-12", false)->is_whole);
  EXPECT_FALSE(ParseNumber("12.0", false)->is_whole);
  EXPECT_FALSE(ParseNumber("1e3", false)->is_whole);
  EXPECT_FALSE(ParseNumber("9007199254740993", false)->is_whole) << "beyond 2^53";
}

TEST(ColumnValuesTest, FlagsMayBeTruthValuesOrMarkedOnlyWhereTheyAreSet) {
  const StepTable table = Texts({"", "True", "false", "1.0", "0", "TRUE"});
  EXPECT_THAT(ReadFlags(table, table.columns[0]), ElementsAre(0, 1, 0, 1, 0, 1));
}

TEST(ColumnValuesTest, AFlagThatIsNeitherIsNamedByItsLine) {
  const auto refusal = [](const std::vector<std::string>& texts) {
    const StepTable table = Texts(texts);
    return Refusal([&] { ReadFlags(table, table.columns[0]); });
  };
  EXPECT_EQ(refusal({"0", "nan", "nan"}),
            "t.csv:3:x: expected 0, 1, true, false or an empty cell, got nan (and 1 more)");
  EXPECT_EQ(refusal({"2"}), "t.csv:2:x: expected 0, 1, true, false or an empty cell, got 2");
  const StepTable array = Numbers({0, 0.5});
  EXPECT_EQ(Refusal([&] { ReadFlags(array, array.columns[0]); }),
            "t.npz:x[1]: expected 0 or 1, got 0.5");
}

TEST(ColumnValuesTest, TheFirstCellThatIsNoNumberIsNamed) {
  const auto refusal = [](const std::vector<std::string>& texts) {
    StepTable table = Texts(texts);
    table.decimal_commas = true;
    return Refusal([&] { RequireNumbers(table, table.columns[0]); });
  };
  EXPECT_EQ(refusal({"1", "", "x"}), "t.csv:3:x: expected a number, got nothing (and 1 more)");
  EXPECT_EQ(refusal({"1,5", "2.5"}), "t.csv:3:x: expected a number like 1,5, got 2.5")
      << "which of the two begins decimals is not guessed";
  EXPECT_EQ(refusal({"1", "9007199254740993"}),
            "t.csv:3:x: expected a number that float64 holds exactly, got 9007199254740993");
}

TEST(ColumnValuesTest, NamesAreNumberedByFirstAppearance) {
  const StepTable texts = Texts({"b", "a", "b"});
  const RowNames names = ReadNames(texts, texts.columns[0]);
  EXPECT_THAT(names.ids, ElementsAre(0, 1, 0));
  EXPECT_THAT(names.texts, ElementsAre("b", "a"));
  const StepTable numbers = Numbers({7, 7, 3});
  EXPECT_THAT(ReadNames(numbers, numbers.columns[0]).ids, ElementsAre(0, 0, 1));
  EXPECT_THAT(ReadNames(numbers, numbers.columns[0]).texts, ElementsAre("7", "3"));
}

TEST(ColumnValuesTest, ANameThatIsMissingIsAnError) {
  const StepTable texts = Texts({"a", ""});
  EXPECT_EQ(Refusal([&] { ReadNames(texts, texts.columns[0]); }),
            "t.csv:3:x: expected a name or a number, got nothing");
  const StepTable numbers = Numbers({1, std::nan("")});
  EXPECT_EQ(Refusal([&] { ReadNames(numbers, numbers.columns[0]); }),
            "t.npz:x[1]: expected a name or a number, got nan");
}

}  // namespace
}  // namespace longplay
