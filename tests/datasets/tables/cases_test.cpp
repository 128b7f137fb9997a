// SPDX-License-Identifier: MIT
// Tables and arrays as users have them, and one more of each kind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "datasets/data_error.h"
#include "datasets/episode_reader.h"
#include "datasets/files/npz.h"
#include "datasets/validate.h"
#include "datasets/writers/import_table.h"
#include "tests/datasets/npz_bytes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Fixture(const std::string& name) {
  return std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/tables/" + name;
}

std::string Write(const std::string& name, const std::string& text) {
  const std::string path = TemporaryPath(name);
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

/// The columns that all of these tables have.
TableOptions Robot() { return {.observations = {"x", "y", "vx", "vy"}, .actions = {"ax", "ay"}}; }

/// Lengths of the episodes that a table becomes, each with how it ended: "23 terminated".
std::vector<std::string> Episodes(const std::string& path, const TableOptions& options = {}) {
  const std::string out = TemporaryPath("out.hdf5");
  ImportTable(path, out, {.columns = options, .existing = ExistingOutput::kReplace}, {});
  std::vector<std::string> episodes;
  const auto reader = OpenDataset(out);
  for (int64_t e = 0; e < reader->info().episodes; ++e) {
    const Episode episode = reader->Read(e);
    episodes.push_back(std::to_string(episode.length()) +
                       (episode.terminated ? " terminated" : " truncated") +
                       (episode.has_final_observation() ? ", then seen" : ""));
  }
  return episodes;
}

/// The refusal of a table, without its folder; nothing is left at or beside the output.
std::string Refusal(const std::string& path, const TableOptions& options = {}) {
  const std::string out = TemporaryPath("refused.hdf5");
  try {
    ImportTable(path, out, {.columns = options}, {});
  } catch (const DataError& error) {
    EXPECT_FALSE(fs::exists(out) || fs::exists(out + ".partial"));
    return error.where().substr(fs::path(path).parent_path().string().size() + 1) + ": " +
           error.problem();
  }
  return "imported";
}

TEST(TableCasesTest, RefuseCsvOfPandasAndExcel) {
  for (const char* name :
       {"plain", "bom", "done_only_marked", "episode_text", "pandas_bool", "semicolon", "spaces"}) {
    EXPECT_THAT(Episodes(Fixture("pandas_and_excel/" + std::string(name) + ".csv"), Robot()),
                ElementsAre("23 terminated", "17 terminated", "31 terminated"))
        << name;
  }
  // One more: tabs, quoted names with blanks, decimal commas, an index without a name, lines of
  // Windows, rows of empty cells at the end.
  EXPECT_THAT(
      Episodes(
          Write("more.tsv",
                "\t\"joint 1\"\t\"joint 2\"\ttorque\tended\r\n0\t\"1,5\"\t2\t0,5\t"
                "FALSE\r\n1\t1,25\t-2\t0,5\tTRUE\r\n\t\t\t\t\r\n"),
          {.observations = {"joint 1", "joint 2"}, .actions = {"torque"}, .terminals = "ended"}),
      ElementsAre("2 terminated"));
}

// Oracle: numpy 2.4.6. Every number of every spelling is that of the plain table, to the last bit.
TEST(TableCasesTest, NumbersOfTextAreThoseOfNumpy) {
  std::ifstream file(Fixture("expected.npz"), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  const auto expected = ParseNpz(std::as_bytes(std::span(bytes)),
                                 [](const std::string& name) { return name.starts_with("csv_"); });
  for (const char* name : {"plain", "semicolon", "spaces", "bom"}) {
    Episodes(Fixture("pandas_and_excel/" + std::string(name) + ".csv"), Robot());
    const auto reader = OpenDataset(TemporaryPath("out.hdf5"));
    EXPECT_EQ(reader->info().observation_type, "float64");
    Episode all;
    for (int64_t e = 0; e < reader->info().episodes; ++e) {
      const Episode episode = reader->Read(e);
      const auto add = [](std::vector<double>& to, const std::vector<double>& from) {
        to.insert(to.end(), from.begin(), from.end());
      };
      add(all.observations, episode.observations);
      add(all.actions, episode.actions);
      add(all.rewards, episode.rewards);
    }
    EXPECT_EQ(all.observations, expected.at("csv_observations").values) << name;
    EXPECT_EQ(all.actions, expected.at("csv_actions").values) << name;
    EXPECT_EQ(all.rewards, expected.at("csv_rewards").values) << name;
  }
}

TEST(TableCasesTest, SilentCsvNanFlagEndsEpisode) {
  EXPECT_EQ(
      Refusal(Fixture("nan_flags/done_nan.csv"), Robot()),
      "done_nan.csv:2:done: expected 0, 1, true, false or an empty cell, got nan (and 67 more)");
  EXPECT_EQ(Refusal(Fixture("nan_flags/flat_nan_terminal.npz")),
            "flat_nan_terminal.npz:terminals[0]: expected 0 or 1, got nan (and 78 more)");
  EXPECT_THROW(OpenDataset(Fixture("nan_flags/flat_nan_terminal.npz")), std::runtime_error);
  // One more: a text, and a timeout.
  EXPECT_EQ(Refusal(Write("na.csv", "obs,action,done\n1,0.5,0\n2,0.5,NA\n3,0.5,1\n")),
            "na.csv:3:done: expected 0, 1, true, false or an empty cell, got NA");
  const NpzColumn two = {"<f4", "(2,)", BytesOf<float>({1, 2})};
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::string timeouts = WriteNpz(TemporaryPath("timeouts.npz"),
                                        {{"observations", two},
                                         {"actions", two},
                                         {"timeouts", {"<f4", "(2,)", BytesOf<float>({nan, 1})}}});
  EXPECT_EQ(Refusal(timeouts), "timeouts.npz:timeouts[0]: expected 0 or 1, got nan");
}

TEST(TableCasesTest, SilentCsvRowsOfRobotsInterleaved) {
  const std::string interleaved = Fixture("robots/interleaved.csv");
  const std::string same = Fixture("robots/same_episode_number.csv");
  EXPECT_THAT(
      Refusal(interleaved, Robot()),
      AllOf(HasSubstr("interleaved.csv:5:episode: expected the rows of an episode one after "
                      "another, got episode 1 again after a row of episode 3"),
            HasSubstr("takes --group robot")));
  EXPECT_THAT(Refusal(same, Robot()),
              AllOf(HasSubstr("same_episode_number.csv:25:robot: expected one robot in the rows of "
                              "an episode, got b after a"),
                    HasSubstr("takes --group robot")));
  TableOptions grouped = Robot();
  grouped.group = "robot";
  EXPECT_THAT(Episodes(interleaved, grouped),
              ElementsAre("23 terminated", "17 terminated", "31 terminated"));
  EXPECT_THAT(Episodes(same, grouped), ElementsAre("23 truncated", "17 truncated", "31 truncated"));
  grouped.group = "episode";
  EXPECT_THAT(Episodes(interleaved, grouped),
              ElementsAre("23 terminated", "17 terminated", "31 terminated"));
  // One more: two environments in turn that count the same episodes, with a counter of steps.
  const std::string turns = Write("turns.csv",
                                  "env_id,episode,step,obs,action\n0,1,0,1,.5\n1,1,0,9,.5\n0,1,1,2,"
                                  ".5\n1,1,1,8,.5\n0,2,0,3,.5\n");
  EXPECT_THAT(Refusal(turns), HasSubstr("turns.csv:3:env_id: expected one env_id"));
  EXPECT_THAT(Episodes(turns, {.group = "env_id"}),
              ElementsAre("2 truncated", "2 truncated", "1 truncated"));
  EXPECT_THAT(Refusal(turns, {.group = "none"}),
              HasSubstr("turns.csv:3:step: expected more than 0"));
}

TEST(TableCasesTest, SilentNpzNextObservationsDropped) {
  const std::vector<std::string> whole = {"23 terminated, then seen", "17 terminated, then seen",
                                          "31 terminated, then seen", "12 truncated, then seen"};
  EXPECT_EQ(Episodes(Fixture("arrays/flat.npz")), whole);
  EXPECT_EQ(OpenDataset(Fixture("arrays/flat.npz"))->Read(0).observations.size(), 24U * 4);
  // One more: the same kind as text, with an array of its own that is left out and named.
  const std::string path =
      Write("next.csv", "obs,next_obs,goal,action,done,truncated\n1,2,7,.5,0,0\n2,3,7,.5,1,0\n");
  EXPECT_THAT(Episodes(path), ElementsAre("2 terminated, then seen"));
  const ConvertResult result = ImportTable(path, TemporaryPath("noted"), {}, {});
  EXPECT_THAT(result.notes, ::testing::Contains("left out: goal"));
}

TEST(TableCasesTest, SilentNpzOfStates) {
  const std::vector<std::string> whole = {"23 truncated, then seen", "17 truncated, then seen",
                                          "31 truncated, then seen", "12 truncated, then seen"};
  const std::string path = Fixture("arrays/ogbench.npz");
  EXPECT_EQ(Episodes(path), whole);
  EXPECT_EQ(OpenDataset(path)->info().steps, 83);
  EXPECT_EQ(OpenDataset(path + "?states=0")->info().steps, 87);
  // One more: actions of last states that are no zeros, and no mark after the last trajectory.
  const std::string more =
      WriteNpz(TemporaryPath("more.npz"),
               {{"observations", {"<f8", "(5, 1)", BytesOf<double>({0, 1, 2, 5, 6})}},
                {"actions", {"<f8", "(5, 1)", BytesOf<double>({.1, .2, .7, .4, .5})}},
                {"terminals", {"<f4", "(5,)", BytesOf<float>({0, 0, 1, 0, 0})}}});
  EXPECT_THAT(Episodes(more), ElementsAre("2 truncated, then seen", "1 truncated, then seen"));
}

TEST(TableCasesTest, MessageTracebackOfToHdf5) {
  EXPECT_THAT(Episodes(Fixture("arrays/flat_3d.npz")),
              ElementsAre("10 truncated", "10 truncated", "10 truncated", "10 truncated"));
  const std::string scalars = Fixture("arrays/flat_scalar_meta.npz");
  EXPECT_EQ(Episodes(scalars).size(), 4U);
  const ConvertResult result = ImportTable(scalars, TemporaryPath("noted"), {}, {});
  EXPECT_THAT(result.notes,
              ::testing::Contains("left out: env_id (a single value), gamma (a single value)"));
  // One more: arrays of Python objects, and .csv.gz that is cut off.
  const std::string objects =
      WriteNpz(TemporaryPath("objects.npz"),
               {{"observations", {"|O", "(2,)", "pickle"}}, {"actions", {"|O", "(2,)", "pickle"}}});
  EXPECT_EQ(Refusal(objects),
            "objects.npz:observations: expected rows of numbers, got Python objects");
  EXPECT_EQ(Refusal(Write("cut.csv.gz", std::string("\x1f\x8b\x08\0\0\0\0\0\0\3", 10))),
            "cut.csv.gz: expected a whole gzip file, got a damaged one: its end is missing");
}

}  // namespace
}  // namespace longplay
