// SPDX-License-Identifier: MIT
#include "datasets/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "datasets/episode_reader.h"
#include "datasets/writers/minari_writer.h"
#include "tests/datasets/read_all.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Fixture(const std::string& name) {
  return std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/" + name;
}

std::string Refusal(const std::string& path) {
  try {
    OpenAndReadAll(path);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "opened";
}

std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

std::string WriteBytes(const std::string& name, const std::string& bytes) {
  const std::string path = TemporaryPath(name);
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

TEST(ValidateTest, SoundFilesHaveNoProblem) {
  EXPECT_THAT(ValidateDataset(Fixture("minari_box")), IsEmpty());
  EXPECT_THAT(ValidateDataset(Fixture("d4rl_plain.hdf5")), IsEmpty());
}

TEST(ValidateTest, EveryErrorIsListedWithItsPlace) {
  const std::vector<Problem> problems = ValidateDataset(Fixture("bad_minari.hdf5"));
  std::vector<Problem> errors;
  std::ranges::copy_if(problems, std::back_inserter(errors),
                       [](const Problem& p) { return p.severity == Severity::kError; });
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_THAT(errors[0].where, EndsWith("bad_minari.hdf5:episode_10/rewards"));
  EXPECT_EQ(errors[0].problem, "expected 20 rows, got 19");
  EXPECT_THAT(errors[1].where, EndsWith("bad_minari.hdf5:episode_1/observations[2, 1]"));
  EXPECT_EQ(errors[1].problem, "expected a finite number, got nan");
}

TEST(ValidateTest, WarningsDoNotStopOpening) {
  const std::vector<Problem> problems = ValidateDataset(Fixture("d4rl.hdf5"));
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::kWarning);
  EXPECT_THAT(problems[0].problem, HasSubstr("no end flag"));
  EXPECT_EQ(OpenDataset(Fixture("d4rl.hdf5"))->info().episodes, 4);
}

TEST(ValidateTest, OneLineSaysFilePlaceAndWhatWasExpected) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"bad_nan.hdf5", ":observations[3, 1]: expected a finite number, got nan (and 1 more)"},
      {"bad_short.hdf5", ":rewards: expected 19 rows, got 18"},
      {"bad_missing.hdf5", ":actions: expected an array, got nothing"},
      {"bad_text.hdf5", ":rewards: expected numbers, got another type"},
      {"bad_flags.hdf5", ":terminals[2]: expected a whole number from 0 to 1, got 2 (and 16 more)"},
      {"bad_images.hdf5", ":observations: expected rows of numbers, got images"},
      {"bad_empty.hdf5", ":observations: expected at least one row, got none"},
      {"bad_group.hdf5", ":observations: expected an array, got a group"},
  };
  for (const auto& [name, message] : cases) {
    EXPECT_EQ(Refusal(Fixture(name)), "reading data: " + Fixture(name) + message);
  }
}

TEST(ValidateTest, FilesThatAreNoDataSetsAreRefused) {
  EXPECT_THAT(Refusal("/no/such/file"),
              HasSubstr("expected a data file or folder, got none: there is no such file"));
  EXPECT_THAT(Refusal(WriteBytes("empty.hdf5", "")), HasSubstr("got an empty one"));
  EXPECT_THAT(Refusal(WriteBytes("text.hdf5", "plain text")),
              HasSubstr("got something else (`longplay data import` reads tables"));
  const std::string sound = Bytes(Fixture("d4rl.hdf5"));
  EXPECT_THAT(Refusal(WriteBytes("half.hdf5", sound.substr(0, sound.size() / 2))),
              HasSubstr("an error of HDF5: truncated file: eof = 12648"));
  EXPECT_THAT(Refusal(TemporaryPath("")), HasSubstr("main_data.hdf5"));
}

/// Three episodes of ten steps that move by small steps, changed by `spoil`.
std::vector<Problem> ProblemsOf(const std::function<void(std::vector<Episode>&)>& spoil,
                                const MinariMetadata& metadata = {.environment = "Toy-v0",
                                                                  .observation_size = 3,
                                                                  .action_size = 1,
                                                                  .action_low = {-1},
                                                                  .action_high = {1}}) {
  std::vector<Episode> episodes(3);
  for (int e = 0; e < 3; ++e) {
    Episode& episode = episodes[e];
    episode = {.observation_size = 3, .action_columns = 1, .truncated = true};
    for (int t = 0; t <= 60; ++t) {
      const double place = 10.0 * e + 0.1 * t;
      episode.observations.insert(episode.observations.end(), {place, -place, std::sin(place)});
      if (t == 60) break;
      episode.actions.push_back(std::cos(place));
      episode.rewards.push_back(1);
    }
  }
  spoil(episodes);
  const std::string path = TemporaryPath("linted");
  MinariWriter writer(path, metadata);
  for (const Episode& episode : episodes) writer.Write(episode);
  writer.Finish();
  return ValidateDataset(path);
}

void ExpectOneWarning(const std::vector<Problem>& problems, const std::string& where,
                      const std::string& problem) {
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::kWarning);
  EXPECT_THAT(problems[0].where, EndsWith(where));
  EXPECT_THAT(problems[0].problem, HasSubstr(problem));
}

TEST(LintTest, SmoothEpisodesHaveNoProblem) {
  EXPECT_THAT(ProblemsOf([](auto&) {}), IsEmpty());
}

TEST(LintTest, JoinedEpisodesAreFoundWhereTheyJoin) {
  const auto join = [](std::vector<Episode>& episodes) {
    Episode& first = episodes[0];
    const Episode& second = episodes[1];
    first.observations.resize(60 * 3);  // without what was seen after the last action
    first.observations.insert(first.observations.end(), second.observations.begin(),
                              second.observations.end());
    first.actions.insert(first.actions.end(), second.actions.begin(), second.actions.end());
    first.rewards.insert(first.rewards.end(), second.rewards.begin(), second.rewards.end());
    episodes.erase(episodes.begin() + 1);
  };
  ExpectOneWarning(ProblemsOf(join), "episode 0, step 60", "two episodes joined?");
}

TEST(LintTest, EpisodesThatAreThereTwiceAreNamed) {
  ExpectOneWarning(ProblemsOf([](auto& episodes) { episodes[2] = episodes[0]; }), "episode 2",
                   "the same observations and actions as episode 0");
}

TEST(LintTest, TwoEndsAtOnceAreNamed) {
  ExpectOneWarning(ProblemsOf([](auto& episodes) { episodes[1].terminated = true; }), "episode 1",
                   "terminated and truncated at once");
}

TEST(LintTest, ReferenceScoresThatCannotBeAreNamed) {
  const MinariMetadata metadata = {.environment = "Toy-v0",
                                   .observation_size = 3,
                                   .action_size = 1,
                                   .action_low = {-1},
                                   .action_high = {1},
                                   .reference_min = 3,
                                   .reference_max = 3};
  ExpectOneWarning(ProblemsOf([](auto&) {}, metadata), "linted/data/main_data.hdf5",
                   "the reference score 0 is not below");
}

TEST(LintTest, ActionsOutOfTheirRangeAreNamed) {
  const auto problems = ProblemsOf([](auto& episodes) { episodes[1].actions[7] = 1.5; });
  ExpectOneWarning(problems, "episode 1, step 7", "outside the bounds");
}

}  // namespace
}  // namespace longplay
