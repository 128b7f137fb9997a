// SPDX-License-Identifier: MIT
#include "datasets/readers/trace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "datasets/data_error.h"
#include "tests/datasets/hdf5_columns.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two steps with states.
Columns TwoSteps() {
  return {{"actions", {{2, 1}, {0.5, -0.5}, "float32"}},
          {"next_observations", {{2, 2}, {1, 2, 3, 4}}},
          {"rewards", {{2}, {5, 6}}},
          {"terminals", {{2}, {0, 1}, "bool"}},
          {"infos/state", {{2, 3}, {0, 1, 2, 3, 4, 5}}}};
}

std::string WriteTrace(const Columns& columns) {
  const std::string path = TemporaryPath("trace.hdf5");
  const Hdf5Id file = CreateHdf5File(path);
  WriteAttribute(file.get(), "env_id", std::string("Hopper-v5"));
  WriteAttribute(file.get(), "mujoco_version", std::string("3.2.0"));
  for (const auto& [name, column] : columns) WriteColumn(file.get(), name, column);
  return path;
}

std::string Refusal(const Columns& columns) {
  const std::string path = WriteTrace(columns);
  try {
    ReadTrace(path);
  } catch (const DataError& error) {
    return error.where().substr(path.size()) + ": " + error.problem();
  }
  return "read";
}

TEST(TraceFileTest, StepsStatesAndTaskAreRead) {
  const RecordedTrace trace = ReadTrace(WriteTrace(TwoSteps()));
  EXPECT_EQ(trace.environment, "Hopper-v5");
  EXPECT_EQ(trace.simulator_version, "3.2.0");
  EXPECT_THAT(trace.actions, ElementsAre(0.5, -0.5));
  EXPECT_THAT(trace.observations, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(trace.rewards, ElementsAre(5, 6));
  EXPECT_THAT(trace.terminals, ElementsAre(0, 1));
  EXPECT_THAT(trace.states, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(trace.positions, IsEmpty());
}

TEST(TraceFileTest, PositionsAndVelocitiesServeWithoutStates) {
  Columns columns = TwoSteps();
  columns["infos/qpos"] = {{2, 2}, {1, 2, 3, 4}};
  columns["infos/qvel"] = {{2, 1}, {5, 6}};
  EXPECT_THAT(ReadTrace(WriteTrace(columns)).positions, IsEmpty()) << "states hold more";
  columns.erase("infos/state");
  const RecordedTrace trace = ReadTrace(WriteTrace(columns));
  EXPECT_THAT(trace.states, IsEmpty());
  EXPECT_THAT(trace.positions, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(trace.velocities, ElementsAre(5, 6));
}

TEST(TraceFileTest, RecordingWithoutStatesIsRefused) {
  Columns columns = TwoSteps();
  columns.erase("infos/state");
  columns["infos/qpos"] = {{2, 1}, {1, 2}};
  EXPECT_EQ(Refusal(columns),
            ":infos: expected recorded states (infos/state, or infos/qpos and infos/qvel), got "
            "none");
}

TEST(TraceFileTest, TimeoutsMayBeMissing) {
  Columns columns = TwoSteps();
  EXPECT_THAT(ReadTrace(WriteTrace(columns)).timeouts, ElementsAre(0, 0));
  columns["timeouts"] = {{2}, {1, 0}, "bool"};
  EXPECT_THAT(ReadTrace(WriteTrace(columns)).timeouts, ElementsAre(1, 0));
}

TEST(TraceFileTest, FieldsOfTheModelComeByName) {
  Columns columns = TwoSteps();
  columns["infos/model/gravity"] = {{2, 1}, {-9.5, -10}};
  columns["infos/model/mass"] = {{2, 2}, {1, 2, 3, 4}};
  const RecordedTrace trace = ReadTrace(WriteTrace(columns));
  EXPECT_THAT(trace.model, testing::SizeIs(2));
  EXPECT_THAT(trace.model.at("gravity"), ElementsAre(-9.5, -10));
  EXPECT_THAT(trace.model.at("mass"), ElementsAre(1, 2, 3, 4));
}

TEST(TraceFileTest, WhatWasRoundedIsSaid) {
  const RecordedTrace trace = ReadTrace(WriteTrace(TwoSteps()));
  EXPECT_TRUE(trace.float32_actions);
  EXPECT_FALSE(trace.float32_observations);
  EXPECT_FALSE(trace.float32_rewards);
}

TEST(TraceFileTest, EveryArrayThatIsNeededIsMissed) {
  for (const char* name : {"actions", "next_observations", "rewards", "terminals"}) {
    Columns columns = TwoSteps();
    columns.erase(name);
    EXPECT_EQ(Refusal(columns), ":" + std::string(name) +
                                    ": expected an array (D4RL's layout with recorded states), "
                                    "got none");
  }
}

TEST(TraceFileTest, RowsThatDoNotFitAreNamed) {
  const auto refusal = [](const std::string& name, const Column& column) {
    Columns columns = TwoSteps();
    columns[name] = column;
    return Refusal(columns);
  };
  EXPECT_EQ(refusal("infos/state", {{3, 1}, {1, 2, 3}}), ":infos/state: expected 2 rows, got 3");
  EXPECT_EQ(refusal("terminals", {{1}, {1}}), ":terminals: expected 2 rows, got 1");
  EXPECT_EQ(refusal("next_observations", {{2, 2}, {1, 2, 3, std::nan("")}}),
            ":next_observations: expected finite numbers, got NaN or Inf in row 1");
  EXPECT_EQ(refusal("rewards", {{0}, {}}), ":rewards: expected at least one step, got none");
}

TEST(TraceFileTest, FileThatIsNoHdf5IsRefused) {
  EXPECT_THAT(
      [] { ReadTrace("/no/such.hdf5"); },
      testing::ThrowsMessage<DataError>(
          "reading data: /no/such.hdf5: expected an HDF5 file, got none: there is no such file"));
}

}  // namespace
}  // namespace longplay
