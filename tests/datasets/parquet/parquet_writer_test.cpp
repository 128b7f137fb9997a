// SPDX-License-Identifier: MIT
#include "datasets/parquet/parquet_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "datasets/data_error.h"
#include "datasets/parquet/parquet_table.h"
#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class ParquetWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

const std::vector<ParquetColumn> kColumns = {{"state", "float32", {2}},  {"flag", "bool", {}},
                                             {"count", "int64", {}},     {"seed", "uint64", {}},
                                             {"stats", "float64", {-1}}, {"tasks", "text", {-1}},
                                             {"name", "text", {}}};

std::string WriteTwoGroups() {
  const std::string path = TemporaryPath("table.parquet");
  ParquetWriter writer(path, kColumns, {{"note", "ours"}}, ParquetStatistics::kNone);
  writer.AppendGroup(2, {{.numbers = {0.1, 2, 3, 4}},
                         {.numbers = {1, 0}},
                         {.whole = {9007199254740993, -1}},
                         {.whole = {static_cast<int64_t>(18121074477142510684ULL), 0}},
                         {.numbers = {1, 2, 3, 4, 5, 6}},
                         {.texts = {"a", "b", "c"}, .lengths = {1, 2}},
                         {.texts = {"x", "y"}}});
  EXPECT_GT(writer.bytes(), 100);
  writer.AppendGroup(1, {{.numbers = {5, 6}},
                         {.numbers = {1}},
                         {.whole = {7}},
                         {.whole = {8}},
                         {.numbers = {7, 8, 9}},
                         {.texts = {}, .lengths = {0}},
                         {.texts = {"z"}}});
  writer.Close();
  return path;
}

TEST_F(ParquetWriterTest, WhatIsWrittenIsReadAgain) {
  const ParquetTable table(WriteTwoGroups());
  ASSERT_EQ(table.rows(), 3);
  for (size_t k = 0; k < kColumns.size(); ++k) {
    EXPECT_EQ(table.columns()[k].name, kColumns[k].name);
    EXPECT_EQ(table.columns()[k].row_shape, kColumns[k].row_shape);
  }
  std::vector<double> values;
  table.ReadNumbers("state", 2, values);
  EXPECT_THAT(values, ElementsAre(0.1F, 2, 3, 4, 5, 6));
  table.ReadNumbers("flag", 1, values);
  EXPECT_THAT(values, ElementsAre(1, 0, 1));
  table.ReadNumbers("stats", 3, values);
  EXPECT_THAT(values, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(table.ReadWholeNumbers("count"), ElementsAre(9007199254740993, -1, 7));
  EXPECT_EQ(static_cast<uint64_t>(table.ReadWholeNumbers("seed")[0]), 18121074477142510684ULL);
  EXPECT_THAT(table.ReadTexts("name"), ElementsAre("x", "y", "z"));
}

TEST_F(ParquetWriterTest, PyarrowReadsIt) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  const std::string output = RunPython(R"(
import sys
sys.path.insert(0, ")" LONGPLAY_SOURCE_DIR R"(/.deps/arrow")
import pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
print([str(field.type) for field in table.schema], table.schema.metadata[b"note"])
print(table.slice(1).to_pylist(), pq.ParquetFile(sys.argv[1]).num_row_groups)
)",
                                       WriteTwoGroups());
  EXPECT_THAT(
      output,
      "['fixed_size_list<element: float>[2]', 'bool', 'int64', 'uint64', 'list<element: double>', "
      "'list<element: string>', 'string'] b'ours'\n"
      "[{'state': [3.0, 4.0], 'flag': False, 'count': -1, 'seed': 0, 'stats': [4.0, 5.0, 6.0], "
      "'tasks': ['b', 'c'], 'name': 'y'}, {'state': [5.0, 6.0], 'flag': True, 'count': 7, 'seed': "
      "8, 'stats': [7.0, 8.0, 9.0], 'tasks': [], 'name': 'z'}] 2\n");
}

TEST_F(ParquetWriterTest, RowsThatDoNotFitAreRefused) {
  ParquetWriter writer(TemporaryPath("bad.parquet"), {{"a", "int64", {}}, {"b", "float32", {2}}});
  EXPECT_THAT(
      [&] {
        writer.AppendGroup(2, {{.numbers = {1, 2}}});
      },
      ThrowsMessage<WriteError>(HasSubstr("expected 2 columns, got 1")));
  EXPECT_THAT(
      [&] {
        writer.AppendGroup(2, {{.numbers = {1}}, {.numbers = {1, 2, 3, 4}}});
      },
      ThrowsMessage<WriteError>(HasSubstr("expected 2 rows of every column, got 1 rows of a")));
}

TEST_F(ParquetWriterTest, PlaceThatCannotBeWrittenIsAnError) {
  EXPECT_THAT([] { ParquetWriter(TemporaryPath("none/table.parquet"), kColumns); },
              ThrowsMessage<WriteError>(HasSubstr("table.parquet: expected room to write, got")));
}

// No room: every write to this device fails.
TEST_F(ParquetWriterTest, FullDiskIsAnError) {
  const auto write = [] {
    ParquetWriter writer("/dev/full", {{"a", "float64", {}}});
    for (int group = 0; group < 4; ++group) {
      writer.AppendGroup(1 << 12, {{.numbers = std::vector<double>(1 << 12, 0.5 * group)}});
    }
    writer.Close();
  };
  EXPECT_THAT(write,
              ThrowsMessage<WriteError>(HasSubstr("/dev/full: expected room to write, got")));
}

}  // namespace
}  // namespace longplay
