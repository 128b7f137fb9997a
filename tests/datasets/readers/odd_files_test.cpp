// SPDX-License-Identifier: MIT
// Files as people have them: each kind that was once misread or refused, as it was found
// (fixtures/odd, whose READMEs say what is right) and once more in another shape.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "datasets/store/episode_set.h"
#include "datasets/writers/convert.h"
#include "tests/datasets/hdf5_columns.h"
#include "tests/datasets/read_all.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Odd(const std::string& name) {
  return std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/odd/" + name;
}

std::vector<int64_t> Lengths(const std::string& path) {
  const auto reader = OpenAndReadAll(path);
  std::vector<int64_t> lengths;
  for (int64_t e = 0; e < reader->info().episodes; ++e) lengths.push_back(reader->Read(e).length());
  return lengths;
}

/// "error: " or "warning: ", place below the file, what is wrong.
std::vector<std::string> Problems(const std::string& path) {
  std::vector<std::string> lines;
  for (const Problem& problem : ValidateDataset(path)) {
    const size_t file = problem.where.rfind('/' + std::filesystem::path(path).filename().string());
    const std::string severity = problem.severity == Severity::kError ? "error: " : "warning: ";
    lines.push_back(severity +
                    (file == std::string::npos ? problem.where : problem.where.substr(file + 1)) +
                    ": " + problem.problem);
  }
  return lines;
}

std::string Refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "done";
}

std::vector<double> Counting(int64_t count, double start = 0, double by = 1) {
  std::vector<double> values(count);
  for (int64_t k = 0; k < count; ++k) values[k] = start + by * static_cast<double>(k);
  return values;
}

std::string WriteFile(const std::string& name, const Columns& columns) {
  const std::string path = TemporaryPath(name);
  const Hdf5Id file = CreateHdf5File(path);
  for (const auto& [column, values] : columns) WriteColumn(file.get(), column, values);
  return path;
}

/// Two flat episodes of five steps: row t sees t, then t + 1.
Columns TwoFlatEpisodes() {
  std::vector<double> ends(10, 0.0);
  ends[4] = ends[9] = 1;
  Columns columns = {{"observations", {{10, 1}, Counting(10)}},
                     {"next_observations", {{10, 1}, Counting(10, 1)}},
                     {"actions", {{10, 1}, Counting(10, 0, 0.25)}},
                     {"rewards", {{10}, Counting(10)}},
                     {"terminals", {{10}, std::vector<double>(10, 0.0), "bool"}},
                     {"timeouts", {{10}, ends, "bool"}}};
  // The second begins elsewhere.
  for (int64_t t = 5; t < 10; ++t) {
    columns["observations"].values[t] += 100;
    columns["next_observations"].values[t] += 100;
  }
  return columns;
}

const std::vector<int64_t> kFour = {23, 17, 31, 12};

TEST(OddFilesTest, DemosWithoutDonesEndWhereTheirGroupEnds) {
  for (const char* name : {"rm_no_dones_rewards.hdf5", "isaaclab.hdf5"}) {
    const std::string path = Odd("demos_without_dones/") + name;
    EXPECT_EQ(Lengths(path), kFour);
    EXPECT_TRUE(OpenDataset(path)->Read(0).truncated);
    EXPECT_FALSE(OpenDataset(path)->info().has_rewards);
    EXPECT_THAT(Problems(path), AllOf(Each(HasSubstr("warning: ")),
                                      Contains(HasSubstr("no dones: its end counts as a time limit "
                                                         "(and 3 more)"))));
  }
  // Of two demos one has dones and rewards.
  Columns columns;
  for (const char* demo : {"data/demo_0/", "data/demo_1/"}) {
    columns[std::string(demo) + "actions"] = {{2, 1}, {0.5, 0.25}};
    columns[std::string(demo) + "obs/policy/deep/joints"] = {{2, 1}, {1, 2}};
  }
  columns["data/demo_0/dones"] = {{2}, {0, 1}, "int64"};
  columns["data/demo_0/rewards"] = {{2}, {1, 1}};
  const std::string path = WriteFile("half.hdf5", columns);
  EXPECT_TRUE(OpenAndReadAll(path)->Read(0).terminated);
  EXPECT_TRUE(OpenDataset(path)->Read(1).truncated);
  EXPECT_THAT(OpenDataset(path)->Read(0).rewards, IsEmpty()) << "not of all";
}

TEST(OddFilesTest, EmptyEpisodesAreLeftOutAndNamed) {
  EXPECT_EQ(Lengths(Odd("empty_episodes/rm_demo0_empty.hdf5")), kFour);
  EXPECT_EQ(Lengths(Odd("empty_episodes/rm_demo0_zero_rows.hdf5")), kFour);
  EXPECT_EQ(Lengths(Odd("empty_episodes/mn_empty_episode")).size(), 3U);
  EXPECT_THAT(Problems(Odd("empty_episodes/mn_empty_episode")),
              ElementsAre(HasSubstr("episode_1: an episode without a step is left out")));
  EXPECT_THAT(Problems(Odd("empty_episodes/rm_demo0_empty.hdf5")),
              Contains(HasSubstr("data/demo_0: a demo without a step is left out")));
  // A file of nothing else.
  const std::string path = WriteFile("none.hdf5", {{"episode_0/actions", {{0, 2}, {}}},
                                                   {"episode_0/observations", {{1, 1}, {0}}}});
  EXPECT_THAT(Problems(path), ElementsAre(HasSubstr("expected an episode with at least one step")));
}

TEST(OddFilesTest, NamesThatBeginWithEpisodeDoNotMakeAFileMinaris) {
  EXPECT_EQ(Lengths(Odd("names_that_begin_with_episode/d3rlpy_v1.h5")), kFour);
  EXPECT_EQ(OpenDataset(Odd("names_that_begin_with_episode/d3rlpy_v1.h5"))->info().format,
            "d3rlpy");
  const std::string extra = Odd("names_that_begin_with_episode/flat_episode_ids.hdf5");
  EXPECT_EQ(Lengths(extra), kFour);
  EXPECT_THAT(Problems(extra), ElementsAre(HasSubstr("episode_ids: an array that the layout does "
                                                     "not have is left out")));
  // d3rlpy 1: what ends and is no terminal was cut off; its flag says what actions are.
  Columns columns = TwoFlatEpisodes();
  columns.erase("timeouts");
  columns.erase("next_observations");
  columns["terminals"].values[4] = 1;
  columns["episode_terminals"] = {{10}, columns["terminals"].values};
  columns["episode_terminals"].values[9] = 1;
  columns["discrete_action"] = {{}, {1}, "bool"};
  columns["actions"] = {{10, 1}, {0, 1, 2, 0, 1, 2, 0, 1, 2, 0}};
  const std::string path = WriteFile("v1.h5", columns);
  EXPECT_THAT(Lengths(path), ElementsAre(5, 5));
  EXPECT_TRUE(OpenDataset(path)->Read(0).terminated);
  EXPECT_TRUE(OpenDataset(path)->Read(1).truncated);
  EXPECT_EQ(OpenDataset(path)->info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(OpenDataset(path)->info().action_size, 3);
  EXPECT_THAT(Problems(path), IsEmpty());
}

TEST(OddFilesTest, ZeroPaddedAndGappedNamesAreInTheOrderOfTheirNumbers) {
  Columns columns;
  for (const char* name : {"episode_0008", "episode_0010", "episode_0200"}) {
    const std::string group = std::string(name) + "/";
    columns[group + "observations"] = {{2, 1}, {std::stod(group.substr(8)), 0}};
    columns[group + "actions"] = {{1, 1}, {0.5}};
    columns[group + "rewards"] = {{1}, {0}};
    columns[group + "terminations"] = {{1}, {0}, "bool"};
    columns[group + "truncations"] = {{1}, {1}, "bool"};
  }
  const auto reader = OpenAndReadAll(WriteFile("gaps.hdf5", columns));
  ASSERT_EQ(reader->info().episodes, 3);
  EXPECT_EQ(reader->Read(0).observations[0], 8);
  EXPECT_EQ(reader->Read(2).observations[0], 200);
}

TEST(OddFilesTest, NanWhereNothingIsMeantIsNoError) {
  EXPECT_EQ(Lengths(Odd("nan_where_nothing_is_meant/exorl_nan_row0")), kFour);
  EXPECT_THAT(Problems(Odd("nan_where_nothing_is_meant/exorl_nan_row0")), IsEmpty());
  const std::string path = Odd("nan_where_nothing_is_meant/nan_next_at_terminal.hdf5");
  EXPECT_EQ(Lengths(path), kFour);
  EXPECT_FALSE(OpenDataset(path)->Read(0).has_final_observation());
  EXPECT_THAT(Problems(path),
              ElementsAre(HasSubstr("next_observations[22]: nan after an episode's last action: "
                                    "counts as not recorded (and 2 more)")));
  // At a time limit, too; inside an episode it is an error.
  Columns columns = TwoFlatEpisodes();
  columns["next_observations"].values[4] = std::nan("");
  EXPECT_THAT(Problems(WriteFile("limit.hdf5", columns)),
              ElementsAre(HasSubstr("next_observations[4]: nan after")));
  columns["next_observations"].values[6] = std::nan("");
  EXPECT_THAT(Problems(WriteFile("inside.hdf5", columns)),
              Contains(HasSubstr("error: inside.hdf5:next_observations[6, 0]: expected a finite")));
}

TEST(OddFilesTest, WholeNumberControlsAreTakenAsContinuousWhenAskedFor) {
  for (const char* name :
       {"int_two_actions.hdf5", "mn_multibinary", "mn_multidiscrete", "mn_multidiscrete_alone"}) {
    const std::string path = Odd("whole_number_controls/") + name;
    EXPECT_THAT(Problems(path), ElementsAre(HasSubstr("?actions=continuous takes whole numbers")))
        << name;
    const std::string asked = path + "?actions=continuous";
    EXPECT_EQ(Lengths(asked), kFour) << name;
    EXPECT_EQ(OpenDataset(asked)->info().action_kind, ActionKind::kContinuous);
  }
  // One column is discrete unless it is said otherwise, and decimal ones become discrete.
  Columns columns = TwoFlatEpisodes();
  columns["actions"] = {{10, 1}, {0, 1, 2, 3, 4, 0, 1, 2, 3, 4}, "int64"};
  const std::string whole = WriteFile("whole.hdf5", columns);
  EXPECT_EQ(OpenDataset(whole)->info().action_size, 5);
  EXPECT_EQ(OpenDataset(whole + "?actions=continuous")->info().action_size, 1);
  columns["actions"].type = "float32";
  const std::string decimal = WriteFile("decimal.hdf5", columns);
  EXPECT_EQ(OpenDataset(decimal)->info().action_size, 1);
  EXPECT_EQ(OpenDataset(decimal + "?actions=discrete")->info().action_size, 5);
}

TEST(OddFilesTest, DiscretePartsOfSpacesAreOneHot) {
  const auto acted = OpenAndReadAll(Odd("discrete_parts_as_numbers/mn_dict_mixed_act"));
  EXPECT_EQ(acted->info().action_size, 7);
  const auto seen = OpenAndReadAll(Odd("discrete_parts_as_numbers/mn_discrete_obs"));
  EXPECT_EQ(seen->info().observation_size, 16);
  const Episode episode = seen->Read(0);
  for (int64_t t = 0; t <= episode.length(); ++t) {
    const auto row = episode.observations.begin() + 16 * t;
    EXPECT_EQ(std::accumulate(row, row + 16, 0.0), 1) << "row " << t;
  }
}

TEST(OddFilesTest, EndFlagsAtEveryRowAreNamedWithTheirNumber) {
  EXPECT_THAT(Problems(Odd("end_flag_at_every_row/all_terminal.hdf5")),
              ElementsAre(AllOf(HasSubstr("an episode ends here, but next_observations goes on"),
                                HasSubstr("(and 78 more)"))));
  EXPECT_THAT(Problems(Odd("end_flag_at_every_row/terminal_clusters.hdf5")),
              ElementsAre(HasSubstr("(and 14 more)")));
  // Time limits as marks on the way, as maze2d has them.
  Columns columns = TwoFlatEpisodes();
  columns["timeouts"].values[2] = 1;
  EXPECT_THAT(Problems(WriteFile("marks.hdf5", columns)),
              ElementsAre(HasSubstr("next_observations[2]: an episode ends here")));
}

TEST(OddFilesTest, NumbersThatFloat32CannotHoldAreNamedAndNotTrainedOn) {
  const std::string observation = Odd("float32_overflow/huge_one.hdf5");
  EXPECT_THAT(Problems(observation),
              Contains(HasSubstr("error: huge_one.hdf5: episode 2, step 0, observation 1: expected "
                                 "a number that float32")));
  EXPECT_THAT(Refusal([&] { EpisodeSet::Load({observation}); }),
              HasSubstr("episode 2, step 0, observation 1"));
  const std::string reward = Odd("float32_overflow/huge_reward.hdf5");
  EXPECT_THAT(Problems(reward), Contains(HasSubstr("episode 2, step 0, reward")));
  EXPECT_THAT(Refusal([&] {
                EpisodeSet::Load({reward}, {.place = StepPlace::kMapped,
                                            .pack = {.folder = TemporaryPath("p")}});
              }),
              HasSubstr("episode 2, step 0, reward"));
  Columns columns = TwoFlatEpisodes();
  columns["actions"].values[7] = -1e300;
  EXPECT_THAT(Problems(WriteFile("action.hdf5", columns)),
              ElementsAre(HasSubstr("episode 1, step 2, action: expected a number that float32")));
}

// A clock in seconds: float32 keeps it to two minutes.
TEST(OddFilesTest, ColumnsFarFromZeroAreNamedAndCentredBeforeTheyAreRounded) {
  Columns columns = TwoFlatEpisodes();
  std::vector<double> rows;
  for (int64_t t = 0; t < 10; ++t) {
    rows.insert(rows.end(), {static_cast<double>(t), 1.7e9 + 0.5 * static_cast<double>(t)});
  }
  columns["observations"] = {{10, 2}, rows};
  columns.erase("next_observations");
  const std::string path = WriteFile("clock.hdf5", columns);
  EXPECT_THAT(Problems(path), ElementsAre(AllOf(HasSubstr("observation 1: changes by 0.5 a step"),
                                                HasSubstr("its first value is taken off before"))));
  const EpisodeSet set = EpisodeSet::Load({path});
  EXPECT_THAT(set.observation_offset(), ElementsAre(0, 1.7e9));
  EXPECT_THAT(set.observations(1), ElementsAre(5, 2.5, 6, 3, 7, 3.5, 8, 4, 9, 4.5));
  const Normalizer normalizer = set.ComputeNormalizer();
  EXPECT_DOUBLE_EQ(normalizer.observation_mean[1], 1.7e9 + 2.25);
  EXPECT_THAT(normalizer.observation_offset, ElementsAre(0, 1.7e9));
  EXPECT_THAT(set.notes(), ElementsAre(HasSubstr("observation 1: changes by 0.5")));
  // The same from a pack.
  const EpisodeSet packed = EpisodeSet::Load(
      {path}, {.place = StepPlace::kMapped, .pack = {.folder = TemporaryPath("packs")}});
  EXPECT_EQ(packed.observation_offset(), set.observation_offset());
  EXPECT_THAT(packed.observations(1), testing::ElementsAreArray(set.observations(1)));
  EXPECT_EQ(packed.notes(), set.notes());
}

TEST(OddFilesTest, NextObservationsThatDoNotContinueAreNamed) {
  EXPECT_THAT(Problems(Odd("next_observations_contradict/control.hdf5")), IsEmpty());
  for (const auto& [name, row] :
       std::map<std::string, std::string>{{"interleaved_envs.hdf5", "[0]"},
                                          {"joined_17.hdf5", "[16]"},
                                          {"next_shifted.hdf5", "[0]"}}) {
    EXPECT_THAT(
        Problems(Odd("next_observations_contradict/") + name),
        Contains(HasSubstr("next_observations" + row + ": is not what the next row observes")));
  }
  // In robomimic's layout.
  Columns columns = {{"data/demo_0/actions", {{3, 1}, {0, 1, 0}}},
                     {"data/demo_0/rewards", {{3}, {0, 1, 0}}},
                     {"data/demo_0/dones", {{3}, {0, 0, 1}, "int64"}},
                     {"data/demo_0/obs/joints", {{3, 1}, {1, 2, 3}}},
                     {"data/demo_0/next_obs/joints", {{3, 1}, {2, 9, 4}}}};
  EXPECT_THAT(Problems(WriteFile("robomimic.hdf5", columns)),
              ElementsAre(HasSubstr("data/demo_0/next_obs[1]: is not what the next row observes")));
}

TEST(OddFilesTest, WhatWasConvertedReadsBackTheSame) {
  for (const char* name : {"mn_discrete_start_neg", "mn_intbox1", "mn_intbox2"}) {
    const std::string in = Odd("whole_number_box_converted/") + name;
    for (const TargetFormat format : {TargetFormat::kD4rl, TargetFormat::kMinari}) {
      const std::string out = TemporaryPath(std::string("converted_") + name);
      std::filesystem::remove_all(out);
      ConvertDataset(in, out, format, {});
      const auto before = OpenAndReadAll(in), after = OpenAndReadAll(out);
      EXPECT_EQ(after->info().action_kind, before->info().action_kind) << name;
      EXPECT_EQ(after->info().action_size, before->info().action_size) << name;
      EXPECT_EQ(after->info().action_start, before->info().action_start) << name;
      EXPECT_EQ(after->info().action_type, before->info().action_type) << name;
      for (int64_t e = 0; e < before->info().episodes; ++e) {
        EXPECT_EQ(after->Read(e).actions, before->Read(e).actions) << name;
      }
    }
  }
  // What was asked for stays so: whole numbers in one column, as continuous.
  Columns columns = TwoFlatEpisodes();
  columns["actions"] = {{10, 1}, Counting(10), "int64"};
  const std::string out = TemporaryPath("asked.hdf5");
  ConvertDataset(WriteFile("ints.hdf5", columns) + "?actions=continuous", out, TargetFormat::kD4rl,
                 {});
  EXPECT_EQ(OpenDataset(out)->info().action_kind, ActionKind::kContinuous);
}

TEST(OddFilesTest, WhatIsLeftOutOfLaterEpisodesIsSaid) {
  Columns columns;
  for (const char* group : {"episode_0/", "episode_1/"}) {
    columns[std::string(group) + "observations/a"] = {{2, 1}, {1, 2}};
    columns[std::string(group) + "actions"] = {{1, 1}, {*group == 'e' ? 0.5 : 0.25}};
    columns[std::string(group) + "rewards"] = {{1}, {group[8] == '0' ? 1.0 : 2.0}};
  }
  columns["episode_1/actions"].values = {0.75};
  columns["episode_1/observations/b"] = {{2, 1}, {3, 4}};
  const std::string path = WriteFile("later.hdf5", columns);
  EXPECT_THAT(
      Problems(path),
      AllOf(Contains(HasSubstr("episode_1/observations/b: an array that the first episode does not "
                               "have is left out")),
            Contains(HasSubstr("neither terminations nor truncations: its end counts as a time "
                               "limit (and 1 more)"))));
  EXPECT_TRUE(OpenDataset(path)->Read(0).truncated);
}

}  // namespace
}  // namespace longplay
