// SPDX-License-Identifier: MIT
#include "datasets/readers/npz_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "datasets/episode_reader.h"
#include "datasets/files/npz.h"
#include "datasets/validate.h"
#include "datasets/writers/convert.h"
#include "tests/datasets/npz_bytes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Fixture(const std::string& name) {
  return std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/tables/" + name;
}

/// What make_table_fixtures.py has of other readers.
std::map<std::string, NpyArray> Expected() {
  std::ifstream file(Fixture("expected.npz"), std::ios::binary);
  const std::string bytes(std::istreambuf_iterator<char>(file), {});
  return ParseNpz(std::as_bytes(std::span(bytes)), [](const std::string&) { return true; });
}

NpzColumn Floats(const std::string& shape, const std::vector<float>& values) {
  return {"<f4", shape, BytesOf(values)};
}

/// Two trajectories of three and two states in OGBench's layout; actions are what remains.
NpzColumns States() {
  return {{"observations", Floats("(5, 1)", {0, 1, 2, 10, 11})},
          {"actions", Floats("(5, 1)", {.1F, .2F, 9, .3F, 9})},
          {"terminals", {"|b1", "(5,)", std::string("\0\0\1\0\1", 5)}}};
}

std::string Write(const NpzColumns& columns) { return WriteNpz(TemporaryPath("t.npz"), columns); }

std::vector<std::string> Problems(const std::string& path) {
  std::vector<std::string> texts;
  for (const Problem& problem : ValidateDataset(path)) {
    texts.push_back((problem.severity == Severity::kError ? "error: " : "warning: ") +
                    problem.where.substr(TemporaryPath("").size()) + ": " + problem.problem);
  }
  return texts;
}

// Oracle: ogbench 1.2.2.
TEST(NpzReaderTest, OgbenchHasTheTransitionsOfItsOwnReader) {
  const auto reader = OpenDataset(Fixture("arrays/ogbench.npz"));
  EXPECT_EQ(reader->info().format, "ogbench");
  std::map<std::string, std::vector<double>> got;
  const auto add = [&](const std::string& name, const std::vector<double>& values, size_t first,
                       size_t count) {
    auto& all = got["ogbench_" + name];
    const auto begin = values.begin() + static_cast<int64_t>(first);
    all.insert(all.end(), begin, begin + static_cast<int64_t>(count));
  };
  for (int64_t e = 0; e < reader->info().episodes; ++e) {
    const Episode episode = reader->Read(e);
    const auto length = static_cast<size_t>(episode.length());
    const auto width = static_cast<size_t>(episode.observation_size);
    ASSERT_TRUE(episode.has_final_observation());
    EXPECT_TRUE(episode.truncated && !episode.terminated);
    add("observations", episode.observations, 0, length * width);
    add("next_observations", episode.observations, width, length * width);
    add("actions", episode.actions, 0, episode.actions.size());
    std::vector<double> ends(length, 0);
    ends.back() = 1;
    add("terminals", ends, 0, length);
    const EpisodeExtras extras = reader->ReadExtras(e);
    for (const char* name : {"qpos", "qvel"}) {
      const InfoArray& info = extras.infos.at(name);
      ASSERT_EQ(info.values.size(), (length + 1) * 3);
      add(name, info.values, 0, length * 3);
    }
  }
  for (const auto& [name, array] : Expected()) {
    if (!name.starts_with("ogbench_")) continue;
    EXPECT_EQ(got.at(name), array.values) << name;
  }
}

// Oracle: neorl2 0.0.1.
TEST(NpzReaderTest, Neorl2HasTheEpisodesOfItsOwnReader) {
  const auto reader = OpenDataset(Fixture("arrays/neorl2.npz"));
  ASSERT_EQ(reader->info().episodes, 3);
  std::vector<double> ends;
  std::vector<bool> terminated;
  double rows = 0;
  for (int64_t e = 0; e < 3; ++e) {
    const Episode episode = reader->Read(e);
    rows += static_cast<double>(episode.length());
    ends.push_back(rows);
    terminated.push_back(episode.terminated);
    EXPECT_NE(episode.terminated, episode.truncated);
    EXPECT_TRUE(episode.has_final_observation());
  }
  EXPECT_EQ(ends, Expected().at("neorl2_rows").values);
  EXPECT_THAT(terminated, ElementsAre(true, false, true));
  EXPECT_THAT(ValidateDataset(Fixture("arrays/neorl2.npz")), IsEmpty());
}

TEST(NpzReaderTest, EndsWithoutRewardsAndTimeoutsStandInLastStates) {
  const auto reader = OpenNpz(Write(States()), {});
  EXPECT_EQ(reader->info().steps, 3);
  const Episode first = reader->Read(0);
  EXPECT_THAT(first.observations, ElementsAre(0, 1, 2));
  EXPECT_THAT(first.actions, ElementsAre(.1F, .2F)) << "without that of the last state";
  EXPECT_THAT(
      Problems(Write(States())),
      ElementsAre("warning: t.npz: no rewards: only behaviour cloning can use it",
                  "warning: t.npz: read as states (OGBench): without rewards and timeouts, "
                  "terminals stand in a trajectory's last state, whose action means nothing; "
                  "?states=0 reads an action in every row"));
}

TEST(NpzReaderTest, ThePathSaysOtherwise) {
  const std::string path = Write(States());
  const auto steps = OpenDataset(path + "?states=0");
  EXPECT_EQ(steps->info().steps, 5);
  EXPECT_EQ(steps->info().format, "npz");
  EXPECT_TRUE(steps->Read(0).terminated);
  NpzColumns columns = States();
  columns.push_back({"rewards", Floats("(5,)", {1, 2, 3, 4, 5})});
  const std::string rewarded = Write(columns);
  EXPECT_EQ(OpenDataset(rewarded)->info().steps, 5);
  EXPECT_THAT(OpenDataset(rewarded + "?states=1")->Read(0).rewards, ElementsAre(1, 2));
}

TEST(NpzReaderTest, StatesOfTheSimulatorGoIntoInfos) {
  NpzColumns columns = States();
  columns.push_back({"qpos", Floats("(5, 2)", {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})});
  columns.push_back({"qvel", Floats("(5, 1)", {10, 11, 12, 13, 14})});
  columns.push_back({"button_states", {"<i8", "(5, 1)", BytesOf<int64_t>({1, 0, 1, 0, 1})}});
  const auto reader = OpenDataset(Write(columns));
  const RecordedPhysics physics = reader->ReadPhysics(1);
  EXPECT_EQ(physics.columns, 3);
  EXPECT_THAT(physics.rows, ElementsAre(6, 7, 13, 8, 9, 14)) << "of the last state, too";
  EXPECT_THAT(reader->ReadExtras(1).infos.at("button_states").values, ElementsAre(0, 1));
  EXPECT_EQ(reader->ReadExtras(1).infos.at("button_states").type, "int64");
}

TEST(NpzReaderTest, WholeNumbersAreDiscreteActions) {
  NpzColumns columns = {{"observations", Floats("(2,)", {1, 2})},
                        {"actions", {"<i4", "(2,)", BytesOf<int32_t>({0, 2})}},
                        {"rewards", Floats("(2,)", {1, 2})},
                        {"terminals", {"|b1", "(2,)", std::string("\0\1", 2)}},
                        {"timeouts", {"|b1", "(2,)", std::string("\0\0", 2)}}};
  const auto discrete = OpenDataset(Write(columns));
  EXPECT_EQ(discrete->info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(discrete->info().action_size, 3);
  const auto continuous = OpenDataset(Write(columns) + "?actions=continuous");
  EXPECT_EQ(continuous->info().action_kind, ActionKind::kContinuous);
  EXPECT_EQ(continuous->info().action_type, "float64");
  columns[1].second = {"<i4", "(2, 2)", BytesOf<int32_t>({0, 2, 1, 1})};
  EXPECT_THAT(Problems(Write(columns)),
              ElementsAre(HasSubstr("t.npz:actions: expected one whole number a row (discrete "
                                    "actions) or decimal ones; ?actions=continuous")));
}

TEST(NpzReaderTest, EveryValueIsChecked) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(Problems(Write({{"observations", Floats("(2, 2)", {1, 2, nan, 4})},
                              {"actions", Floats("(2,)", {1, 2})},
                              {"rewards", Floats("(2,)", {1, nan})},
                              {"terminals", Floats("(2,)", {0, 1})},
                              {"timeouts", Floats("(2,)", {0, 0})}})),
              ElementsAre("error: t.npz:observations[1, 0]: expected a finite number, got nan",
                          "error: t.npz:rewards[1]: expected a finite number, got nan"));
}

TEST(NpzReaderTest, WhatIsLeftOutIsNamed) {
  NpzColumns columns = States();
  columns.push_back({"gamma", {"<f8", "()", BytesOf<double>({0.99})}});
  columns.push_back({"goals", Floats("(5,)", {1, 2, 3, 4, 5})});
  const std::string path = Write(columns);
  const std::vector<std::string> problems = Problems(path);
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[2], "warning: t.npz:goals: left out: not an array of the layout");
  EXPECT_EQ(problems[3], "warning: t.npz:gamma: left out: a single value");
  EXPECT_THAT(OpenDataset(path)->ReadExtras(0).left_out, ElementsAre("goals", "gamma"));
}

TEST(NpzReaderTest, ConversionKeepsEveryNumber) {
  const std::string path = Fixture("arrays/ogbench.npz");
  for (const TargetFormat format : {TargetFormat::kMinari, TargetFormat::kD4rl}) {
    const std::string out = TemporaryPath(format == TargetFormat::kMinari ? "minari" : "d4rl.hdf5");
    ConvertDataset(path, out, format, {});
    const auto a = OpenDataset(path), b = OpenDataset(out);
    ASSERT_EQ(b->info().episodes, 4);
    for (int64_t e = 0; e < 4; ++e) {
      EXPECT_EQ(a->Read(e).observations, b->Read(e).observations);
      EXPECT_EQ(a->Read(e).actions, b->Read(e).actions);
      EXPECT_EQ(a->ReadExtras(e).infos.at("qpos").values, b->ReadExtras(e).infos.at("qpos").values);
    }
  }
}

TEST(NpzReaderTest, IsKnownByItsFirstBytes) {
  EXPECT_TRUE(IsNpzFile(Write(States())));
  std::ofstream(TemporaryPath("text.npz")) << "text";
  EXPECT_FALSE(IsNpzFile(TemporaryPath("text.npz")));
  EXPECT_FALSE(IsNpzFile(TemporaryPath("")));
}

}  // namespace
}  // namespace longplay
