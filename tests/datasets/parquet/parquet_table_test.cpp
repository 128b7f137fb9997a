// SPDX-License-Identifier: MIT
// Tables that pyarrow wrote (fixtures/make_columnar_fixtures.py), and damaged ones.
#include "datasets/parquet/parquet_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "datasets/data_error.h"
#include "datasets/parquet/parquet_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::string kFolder = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/columnar/";
constexpr char kNoParquet[] = "this build has no Parquet";

/// The same table in both formats, in row groups of 2, 2 and 1 rows.
class ParquetTableTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << kNoParquet;
  }
  static std::string Path() { return kFolder + GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(Formats, ParquetTableTest, testing::Values("types.parquet", "types.arrow"),
                         [](const auto& info) {
                           return info.param.substr(info.param.find('.') + 1);
                         });

std::vector<double> Numbers(const ParquetTable& table, const std::string& name,
                            int64_t row_size = 1) {
  std::vector<double> values;
  table.ReadNumbers(name, row_size, values);
  return values;
}

TEST_P(ParquetTableTest, NumbersOfEveryTypeAreWhatPyarrowWrote) {
  const ParquetTable table(Path());
  EXPECT_EQ(table.rows(), 5);
  EXPECT_THAT(Numbers(table, "truth"), ElementsAre(1, 0, 1, 0, 1));
  for (const char* name : {"int8", "int16", "int32", "int64"}) {
    EXPECT_EQ(table.Column(name).type, name);
    EXPECT_THAT(Numbers(table, name), ElementsAre(-1, 2, 3, 4, 5)) << name;
  }
  for (const char* name : {"uint8", "uint16", "uint32", "uint64"}) {
    EXPECT_EQ(table.Column(name).type, name);
    EXPECT_THAT(Numbers(table, name), ElementsAre(1, 2, 3, 4, 250)) << name;
  }
  EXPECT_EQ(table.Column("half").type, "float16");
  EXPECT_THAT(Numbers(table, "half"), ElementsAre(0.5, -2, 3, 4, 5));
  EXPECT_THAT(Numbers(table, "float"), ElementsAre(0.1F, 2, 3, 4, 5));
  EXPECT_THAT(Numbers(table, "double"), ElementsAre(0.1, 1e300, -0.0, 5e-324, 3));
}

TEST_P(ParquetTableTest, ListsOfEqualLengthsAreRows) {
  const ParquetTable table(Path());
  EXPECT_THAT(table.Column("fixed").row_shape, ElementsAre(2));
  EXPECT_THAT(table.Column("list").row_shape, ElementsAre(-1));
  EXPECT_THAT(table.Column("grid").row_shape, ElementsAre(-1, -1));
  for (const char* name : {"fixed", "list"}) {
    EXPECT_EQ(table.RowSize(name), 2);
    EXPECT_THAT(Numbers(table, name, 2), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)) << name;
  }
  EXPECT_EQ(table.RowSize("grid"), 6);
  const std::vector<double> grid = Numbers(table, "grid", 6);
  ASSERT_EQ(grid.size(), 30);
  EXPECT_EQ(grid[6], 10);  // row 1
  EXPECT_EQ(grid[7], 11);
}

TEST_P(ParquetTableTest, RowsMayBeginAndEndInsideRowGroups) {
  const ParquetTable table(Path());
  std::vector<double> values;
  table.ReadNumbers("fixed", 2, values, 1, 3);
  EXPECT_THAT(values, ElementsAre(3, 4, 5, 6, 7, 8));
  table.ReadNumbers("grid", 6, values, 4, 1);
  EXPECT_THAT(values, ElementsAre(40, 41, 40, 41, 40, 41));
  table.ReadNumbers("int32", 1, values, 2, 0);
  EXPECT_TRUE(values.empty());
  table.ReadNumbers("int32", 1, values, 0, 1);  // back again
  EXPECT_THAT(values, ElementsAre(-1));
}

TEST_P(ParquetTableTest, FieldsOfStructsAreColumns) {
  const ParquetTable table(Path());
  EXPECT_EQ(table.Find("struct"), nullptr);
  EXPECT_THAT(Numbers(table, "struct/a"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(table.ReadWholeNumbers("struct/b/c"), ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(ParquetTableTest, TextsAreReadAndOtherTypesAreNamedNothing) {
  const ParquetTable table(Path());
  EXPECT_THAT(table.ReadTexts("text"), ElementsAre("a", "b", "ü", "", "e"));
  EXPECT_THAT(table.ReadTexts("large"), ElementsAre("1", "2", "3", "4", "5"));
  EXPECT_EQ(table.Column("text").type, "text");
  EXPECT_EQ(table.Column("texts").type, "");
  EXPECT_EQ(table.Column("when").type, "");
}

TEST_P(ParquetTableTest, WhatIsNotThereIsNamedByItsPlace) {
  const ParquetTable table(Path());
  const auto expect = [&](const std::string& name, int64_t row_size, const std::string& message) {
    EXPECT_THAT([&] { Numbers(table, name, row_size); },
                ThrowsMessage<DataError>(HasSubstr(GetParam() + ":" + message)));
  };
  expect("none", 1, "none: expected a column, got none of that name");
  expect("text", 1, "text: expected numbers, got string");
  expect("gap", 1, "gap[1]: expected a value, got none (null)");
  expect("uneven", 1, "uneven[1]: expected 1 number a row, got another number of them");
  expect("fixed", 3, "fixed[0]: expected 3 numbers a row, got another number of them");
  expect("float", 2, "float[0]: expected 2 numbers a row, got 1");
  EXPECT_THAT([&] { table.ReadWholeNumbers("double"); },
              ThrowsMessage<DataError>(HasSubstr("double: expected whole numbers, got double")));
  EXPECT_THAT([&] { table.ReadTexts("int8"); },
              ThrowsMessage<DataError>(HasSubstr("int8: expected texts, got int8")));
  std::vector<double> values;
  EXPECT_THAT([&] { table.ReadNumbers("int8", 1, values, 3, 4); },
              ThrowsMessage<DataError>(HasSubstr("int8: expected rows up to 7, got 5")));
}

TEST_P(ParquetTableTest, LimitOfMemoryIsAnError) {
  const ParquetTable table(Path(), {.memory_bytes = 1 << 20});
  EXPECT_EQ(Numbers(table, "int8").size(), 5);
  if (GetParam() == "types.parquet") {
    EXPECT_THROW(ParquetTable(Path(), {.memory_bytes = 1}), DataError);
  }
}

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string Written(const std::string& name, const std::string& content) {
  const std::string path = TemporaryPath(name);
  std::ofstream(path, std::ios::binary) << content;
  return path;
}

// Its writer was killed, or the copy was cut off: lerobot#3522, leisaac#129.
TEST_P(ParquetTableTest, FileWithoutItsEndIsOneClearError) {
  const std::string whole = Content(Path());
  for (const size_t size : {size_t{7}, whole.size() / 2, whole.size() - 1}) {
    EXPECT_THAT([&] { ParquetTable(Written("cut", whole.substr(0, size))); },
                ThrowsMessage<DataError>(HasSubstr("cut: expected a whole file, got one without "
                                                   "its end: it was cut off, or its writer was "
                                                   "killed before it closed the file")))
        << size;
  }
  EXPECT_THAT([&] { ParquetTable(Written("other", "no table")); },
              ThrowsMessage<DataError>(HasSubstr("expected a Parquet or Arrow file, got another")));
  EXPECT_THAT([&] { ParquetTable(TemporaryPath("none")); },
              ThrowsMessage<DataError>(HasSubstr("expected a file, got No such file")));
  EXPECT_THAT([&] { ParquetTable{TemporaryPath("")}; },
              ThrowsMessage<DataError>(HasSubstr("expected a file, got a folder")));
}

// Any byte may be wrong: an error, or other numbers, and never a crash.
TEST_P(ParquetTableTest, DamagedBytesAreErrorsOrOtherNumbers) {
  const std::string whole = Content(Path());
  int64_t refused = 0, read = 0;
  for (size_t at = 4; at + 4 < whole.size(); at += 41) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    try {
      const ParquetTable table(Written("damaged", damaged), {.memory_bytes = 64 << 20});
      for (const ParquetColumn& column : table.columns()) {
        if (column.is_number()) Numbers(table, column.name, table.RowSize(column.name));
      }
      ++read;
    } catch (const DataError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_EQ(refused + read, static_cast<int64_t>((whole.size() - 8 + 40) / 41));
}

// Found by the fuzzer: a batch that is not sound was taken for the one read before it.
TEST(ParquetTableTest, DamagedBatchDoesNotTakeTheOthersPlace) {
  if (!HasParquet()) GTEST_SKIP() << kNoParquet;
  const std::string whole = Content(kFolder + "types.arrow");
  int64_t refused = 0;
  for (size_t at = whole.size() / 4; at < whole.size() * 3 / 4; at += 8) {
    // Offsets of texts that lead far outside.
    std::string damaged = whole;
    damaged.replace(at, 4, "\x7f\x7f\x7f\x7f");
    try {
      const ParquetTable table(Written("batch.arrow", damaged));
      for (int64_t row = 0; row < 5; ++row) {
        try {
          std::vector<double> values;
          table.ReadNumbers("int8", 1, values, row, 1);
        } catch (const DataError&) {
          ++refused;
        }
      }
      for (const std::string& text : table.ReadTexts("text")) EXPECT_LT(text.size(), 100);
    } catch (const DataError&) {
    }
  }
  EXPECT_GT(refused, 0);
}

TEST(ParquetTableTest, BuildWithoutArrowSaysHowToGetIt) {
  if (HasParquet()) {
    EXPECT_NO_THROW(RequireParquet("data"));
    return;
  }
  for (const auto& open : {+[] { RequireParquet("data"); }, +[] { ParquetTable("data"); }}) {
    EXPECT_THAT(open,
                ThrowsMessage<DataError>(HasSubstr(
                    "data: expected a longplay with Parquet, got one without: run `./dev "
                    "setup`, which fetches Arrow, and configure with -DLONGPLAY_PARQUET=ON")));
  }
  EXPECT_THAT([] { ParquetWriter("data", {}); },
              ThrowsMessage<WriteError>(HasSubstr("expected a longplay with Parquet")));
}

}  // namespace
}  // namespace longplay
