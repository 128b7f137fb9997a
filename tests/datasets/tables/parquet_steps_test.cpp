// SPDX-License-Identifier: MIT
// Tables that pyarrow wrote: fixtures/make_parquet_table_fixtures.py.
#include "datasets/tables/parquet_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "datasets/data_error.h"
#include "datasets/episode_reader.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/tables/load_table.h"
#include "datasets/tables/table_reader.h"
#include "datasets/writers/import_table.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string kTables = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/tables/";

class ParquetStepsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

/// What importing a table of the fixtures leads to: "refused: ...", or the data set's path.
std::string Import(const std::string& name, const TableOptions& columns = {},
                   std::vector<std::string>* notes = nullptr) {
  const std::string out = TemporaryPath("out.hdf5");
  try {
    const ConvertResult result = ImportTable(
        kTables + name, out, {.columns = columns, .existing = ExistingOutput::kReplace}, {});
    if (notes != nullptr) *notes = result.notes;
  } catch (const DataError& error) {
    return "refused: " + error.where().substr(kTables.size()) + ": " + error.problem();
  }
  return out;
}

TEST_F(ParquetStepsTest, TableBecomesWhatTheSameTextBecomes) {
  const TableOptions columns = {.observations = {"x", "y", "vx", "vy"}, .actions = {"ax", "ay"}};
  const auto text = OpenDataset(Import("pandas_and_excel/plain.csv", columns));
  std::vector<Episode> expected;
  for (int64_t e = 0; e < text->info().episodes; ++e) expected.push_back(text->Read(e));
  ASSERT_THAT(expected, SizeIs(3));
  const auto reader = OpenDataset(Import("parquet/plain.parquet", columns));
  ASSERT_EQ(reader->info().episodes, 3);
  for (int64_t e = 0; e < 3; ++e) {
    const Episode episode = reader->Read(e);
    EXPECT_EQ(episode.observations, expected[e].observations);
    EXPECT_EQ(episode.actions, expected[e].actions);
    EXPECT_EQ(episode.rewards, expected[e].rewards);
    EXPECT_EQ(episode.terminated, expected[e].terminated);
    EXPECT_EQ(episode.truncated, expected[e].truncated);
  }
}

/// The same table in both formats.
class ParquetKindsTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};
INSTANTIATE_TEST_SUITE_P(Formats, ParquetKindsTest, testing::Values("parquet", "arrow"),
                         [](const auto& info) { return info.param; });

TEST_P(ParquetKindsTest, ListsAreSeveralNumbersARowAndTypesAreKept) {
  const StepTable table = LoadTable(kTables + "parquet/kinds." + GetParam(), {});
  EXPECT_EQ(table.rows, 8);
  EXPECT_EQ(table.format, "parquet");
  const TableColumn* observation = table.Find("observation");
  ASSERT_NE(observation, nullptr);
  EXPECT_EQ(observation->type, "float32");
  EXPECT_THAT(observation->row_shape, ElementsAre(3));
  ASSERT_THAT(observation->numbers, SizeIs(24));
  EXPECT_EQ(observation->numbers[3 * 5 + 1], 5.5);
  EXPECT_THAT(table.Find("action")->row_shape, ElementsAre(2));
  EXPECT_EQ(table.Find("action")->numbers[2 * 3], 0.375);
  EXPECT_THAT(table.Find("reward")->row_shape, ElementsAre());
  EXPECT_EQ(table.Find("reward")->type, "float32");
  EXPECT_EQ(table.Find("reward")->numbers[7], 1.75);
  EXPECT_THAT(table.Find("terminated")->numbers, ElementsAre(0, 0, 0, 0, 1, 0, 0, 0));
}

TEST_P(ParquetKindsTest, NamesOfManyDigitsAndCategoriesStayApart) {
  const StepTable table = LoadTable(kTables + "parquet/kinds." + GetParam(), {});
  const TableColumn* episode = table.Find("episode");
  ASSERT_TRUE(episode->is_text());
  EXPECT_EQ(episode->texts[4], "9007199254740992");
  EXPECT_EQ(episode->texts[5], "9007199254740993");
  EXPECT_THAT(table.Find("robot")->texts,
              ElementsAre("left", "left", "left", "left", "left", "right", "right", "right"));
}

TEST_P(ParquetKindsTest, EpisodesAndInfosAreThoseOfTheRows) {
  std::vector<std::string> notes;
  const std::string out = Import("parquet/kinds." + GetParam(), {}, &notes);
  const auto reader = OpenDataset(out);
  ASSERT_EQ(reader->info().episodes, 2);
  const Episode second = reader->Read(1);
  EXPECT_EQ(second.length(), 3);
  EXPECT_TRUE(reader->Read(0).terminated);
  EXPECT_TRUE(second.truncated);
  EXPECT_THAT(second.rewards, ElementsAre(1.25, 1.5, 1.75));
  EXPECT_THAT(reader->ReadExtras(1).infos.at("goal").values, ElementsAre(50, 60, 70));
  // What no episode can hold is named, and why.
  EXPECT_THAT(notes, Contains(AllOf(StartsWith("left out: robot, "), HasSubstr("camera (images)"),
                                    HasSubstr("stamp (neither numbers nor texts)"),
                                    HasSubstr("words (neither numbers nor texts)"),
                                    HasSubstr("holes (expected a value, got none (null))"))));
}

TEST_P(ParquetKindsTest, ColumnThatIsAskedForHasToBeReadable) {
  const std::string name = "parquet/kinds." + GetParam();
  EXPECT_EQ(Import(name, {.observations = {"holes"}}),
            "refused: " + name + ":holes[7]: expected a value, got none (null)");
  EXPECT_EQ(Import(name, {.observations = {"hol*"}}),
            "refused: " + name + ":holes[7]: expected a value, got none (null)");
  EXPECT_THAT(Import(name, {.observations = {"camera"}}),
              StartsWith("refused: " + name + ": expected a column camera, got observation, "));
  EXPECT_EQ(Import(name, {.observations = {"robot"}}),
            "refused: " + name + ":robot[0]: expected a number, got left (and 7 more)");
}

TEST_F(ParquetStepsTest, MissingNumbersAreErrorsWhereTheyAreNeeded) {
  const std::string name = "parquet/missing.parquet";
  EXPECT_EQ(Import(name, {.terminals = "none"}),
            "refused: " + name + ":reward[2]: expected a finite number, got nan");
  EXPECT_EQ(Import(name, {.rewards = "none"}),
            "refused: " + name + ":done[0]: expected 0 or 1, got nan");
  const auto reader = OpenDataset(Import(name, {.rewards = "none", .terminals = "none"}));
  EXPECT_EQ(reader->info().steps, 4);
  const StepTable table = LoadTable(kTables + name, {});
  EXPECT_TRUE(std::isnan(table.Find("reward")->numbers[2]));
  EXPECT_THAT(table.Find("note")->texts, ElementsAre("a", "", "b", "c"));
}

// The error was looked for in row -1.
TEST_F(ParquetStepsTest, NumbersKeptAsTextsAreNoNumbers) {
  StepTable table{.path = "t.parquet", .format = "parquet", .noun = "column", .rows = 2};
  table.columns = {{.name = "obs", .type = "", .texts = {"1.5", "2"}},
                   {.name = "action", .numbers = {0.5, 0.25}}};
  EXPECT_THAT([&] { TableReader(table, {}); },
              testing::ThrowsMessage<DataError>(
                  EndsWith("t.parquet:obs[0]: expected a number, got the text 1.5 (and 1 more)")));
}

TEST_F(ParquetStepsTest, FileWithoutItsEndIsOneLine) {
  const std::string path = TemporaryPath("cut.parquet");
  std::filesystem::copy_file(kTables + "parquet/plain.parquet", path);
  std::filesystem::resize_file(path, 2000);
  EXPECT_THAT([&] { LoadTable(path, {}); },
              testing::ThrowsMessage<DataError>(HasSubstr("got one without its end")));
}

TEST(ParquetStepsWithoutArrowTest, BuildWithoutParquetSaysHowToGetIt) {
  if (HasParquet()) GTEST_SKIP() << "this build has Parquet";
  EXPECT_THAT([] { LoadTable(kTables + "parquet/plain.parquet", {}); },
              testing::ThrowsMessage<DataError>(
                  HasSubstr("plain.parquet: expected a longplay with Parquet, got one without")));
}

}  // namespace
}  // namespace longplay
