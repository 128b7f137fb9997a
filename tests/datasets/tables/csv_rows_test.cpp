// SPDX-License-Identifier: MIT
#include "datasets/tables/csv_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "datasets/data_error.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Rows with their lines: "2:a|b|c".
std::vector<std::string> Rows(const std::string& text) {
  std::vector<std::string> rows;
  CsvRows(text, "t.csv").ForEach([&](int64_t line, std::span<const std::string> cells) {
    std::string row = std::to_string(line) + ":";
    for (size_t c = 0; c < cells.size(); ++c) {
      row += c == 0 ? "" : "|";
      row += cells[c];
    }
    rows.push_back(row);
  });
  return rows;
}

std::string Refusal(const std::string& text) {
  try {
    Rows(text);
  } catch (const DataError& error) {
    return error.where() + ": " + error.problem();
  }
  return "read";
}

TEST(CsvRowsTest, QuotesHoldSeparatorsQuotesAndLines) {
  EXPECT_THAT(Rows("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n\"two\nlines\",x\ny,z\n"),
              ElementsAre("1:a|b", "2:1,5|say \"hi\"", "3:two\nlines|x", "5:y|z"));
}

TEST(CsvRowsTest, BlanksAroundCellsAreNoPartOfThem) {
  EXPECT_THAT(Rows("a, b ,\"c \" \n 1,2 , \"3\"\n"), ElementsAre("1:a|b|c ", "2:1|2|3"));
}

TEST(CsvRowsTest, LinesEndAsEverySystemEndsThem) {
  EXPECT_THAT(Rows("a,b\r\n1,2\r\n"), ElementsAre("1:a|b", "2:1|2"));
  EXPECT_THAT(Rows("a,b\r1,2\r"), ElementsAre("1:a|b", "2:1|2"));
  EXPECT_THAT(Rows("a,b\n1,2"), ElementsAre("1:a|b", "2:1|2")) << "the last line may have no end";
}

TEST(CsvRowsTest, EmptyLinesAndRowsOfEmptyCellsAreNone) {
  EXPECT_THAT(Rows("\n\na,b\n\n1,2\n,\n \n3,4\n"), ElementsAre("3:a|b", "5:1|2", "8:3|4"));
  EXPECT_THAT(Rows(""), IsEmpty());
}

TEST(CsvRowsTest, TheFirstLineShowsTheSeparator) {
  EXPECT_THAT(Rows("a;b;c\n1,5;2;3\n"), ElementsAre("1:a|b|c", "2:1,5|2|3"));
  EXPECT_THAT(Rows("a\tb\n1\t\n"), ElementsAre("1:a|b", "2:1|"));
  EXPECT_THAT(Rows("a|b\n1|2\n"), ElementsAre("1:a|b", "2:1|2"));
  EXPECT_THAT(Rows("\"x; y; z\",b\n1,2\n"), ElementsAre("1:x; y; z|b", "2:1|2"))
      << "inside of quotes nothing separates";
  EXPECT_THAT(Rows("sep=;\na,1;b\n2;3\n"), ElementsAre("2:a,1|b", "3:2|3")) << "as Excel says it";
}

TEST(CsvRowsTest, AByteOrderMarkIsNoPartOfTheFirstCell) {
  EXPECT_THAT(Rows("\xef\xbb\xbf"
                   "a,b\n1,2\n"),
              ElementsAre("1:a|b", "2:1|2"));
}

TEST(CsvRowsTest, OtherTextThanUtf8IsRefused) {
  EXPECT_EQ(Refusal(std::string("\xff\xfe"
                                "a\0,\0",
                                6)),
            "t.csv: expected UTF-8 text, got UTF-16 (Excel: save as CSV UTF-8)");
  EXPECT_EQ(Refusal(std::string("a\0b", 3)),
            "t.csv: expected a table as text, got bytes that are none");
}

TEST(CsvRowsTest, QuotesThatAreNotClosedNameTheLineWhereTheirRowBegins) {
  EXPECT_EQ(Refusal("a,b\n1,2\n3,\"4\n5,6\n"),
            "t.csv:3: expected quotes around whole cells, doubled inside (\"\"), got a quote that "
            "is not closed");
  EXPECT_EQ(
      Refusal("a,b\n1,5\" nail\n"),
      "t.csv:2: expected quotes around whole cells, doubled inside (\"\"), got a quote inside "
      "a cell");
}

}  // namespace
}  // namespace longplay
