// SPDX-License-Identifier: MIT
#include "datasets/columnar/table_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "datasets/data_error.h"
#include "datasets/parquet/parquet_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class TableRowsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

/// Three rows of two numbers, a choice from 1 to 3, and one number.
ParquetTable WriteTable(double odd, double choice = 3) {
  const std::string path = TemporaryPath("rows.parquet");
  ParquetWriter writer(path, {{"pair", "float32", {2}},
                              {"choice", "int64", {}},
                              {"one", "float64", {}},
                              {"name", "text", {}}});
  writer.AppendGroup(3, {{.numbers = {1, 2, 3, 4, 5, 6}},
                         {.numbers = {1, choice, 2}},
                         {.numbers = {7, 8, odd}},
                         {.texts = {"a", "b", "c"}}});
  writer.Close();
  return ParquetTable(path);
}

TableRows AllColumns() {
  TableRows rows;
  rows.Add("pair", 2);
  rows.Add("choice", 1, {{1, 3}});
  rows.Add("one", 1);
  return rows;
}

TEST_F(TableRowsTest, ColumnsStandSideBySideAndChoicesAreOneHot) {
  const ParquetTable table = WriteTable(9);
  const TableRows rows = AllColumns();
  EXPECT_EQ(rows.width(), 6);
  EXPECT_EQ(rows.Type(table), "float64");
  std::vector<double> values;
  rows.Read(table, 1, 2, values);
  EXPECT_THAT(values, ElementsAre(3, 4, 0, 0, 1, 8, 5, 6, 0, 1, 0, 9));
}

TEST_F(TableRowsTest, NumbersThatAreNoneAndOtherChoicesAreNamedByTheirRow) {
  std::vector<double> values;
  EXPECT_THAT([&] { AllColumns().Read(WriteTable(std::nan("")), 1, 2, values); },
              ThrowsMessage<DataError>(HasSubstr("one[2]: expected a finite number, got nan")));
  EXPECT_THAT(
      [&] { AllColumns().Read(WriteTable(9, 4), 0, 3, values); },
      ThrowsMessage<DataError>(HasSubstr("choice[1]: expected a whole number from 1 to 3, got 4")));
}

TEST_F(TableRowsTest, TablesThatLackAColumnOrHaveItOtherwiseAreRefused) {
  const ParquetTable table = WriteTable(9);
  const auto check = [&](const std::string& name, int64_t row_size) {
    TableRows rows;
    rows.Add(name, row_size);
    rows.Check(table);
  };
  EXPECT_NO_THROW(check("pair", 2));
  EXPECT_THAT(
      [&] { check("none", 1); },
      ThrowsMessage<DataError>(HasSubstr("none: expected a column, got none of that name")));
  EXPECT_THAT([&] { check("pair", 3); },
              ThrowsMessage<DataError>(HasSubstr("pair: expected 3 numbers a row, got 2")));
  EXPECT_THAT([&] { check("name", 1); },
              ThrowsMessage<DataError>(HasSubstr("name: expected numbers, got texts, pictures")));
}

}  // namespace
}  // namespace longplay
