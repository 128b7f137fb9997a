// SPDX-License-Identifier: MIT
// A table becomes a data set as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string WriteTable(const std::string& text) {
  const std::string path = TemporaryPath("steps.csv");
  std::ofstream(path) << text;
  return path;
}

TEST(DataImportTest, ColumnsAreNamedByOptionsOrByTheirNames) {
  const std::string table =
      WriteTable("x,y,push,reward,episode,done,note\n0,1,0.5,1,a,0,ok\n2,3,-0.5,2,a,1,ok\n");
  const std::string out = TemporaryPath("out.hdf5");
  const Outcome done = RunProgram("data import " + table + " " + out +
                                  " --observations x,y --actions push --env-id Toy-v0 --json");
  EXPECT_EQ(done.code, 0) << done.error;
  EXPECT_EQ(nlohmann::json::parse(done.out), (nlohmann::json{{"episodes", 1}, {"steps", 2}}));
  EXPECT_THAT(done.error, AllOf(HasSubstr("note: chosen by name: rewards = reward; terminals = "
                                          "done; episodes = episode\n"),
                                HasSubstr("note: left out: note\n")));
  EXPECT_EQ(RunProgram("data info " + out + " --json").code, 0);
}

// A list of names took the place of OUT for one more of them.
TEST(DataImportTest, OutMayStandBehindNamesOfColumns) {
  const std::string table = WriteTable("x,y,push,done\n0,1,0.5,0\n2,3,-0.5,1\n");
  const std::string out = TemporaryPath("out.hdf5");
  const Outcome done = RunProgram("data import --observations x --observations y " + table +
                                  " --actions push " + out + " --json");
  EXPECT_EQ(done.code, 0) << done.error;
  const auto info = nlohmann::json::parse(RunProgram("data info " + out + " --json").out);
  EXPECT_EQ(info["observation_size"], 2);
  EXPECT_EQ(info["action_size"], 1);
}

TEST(DataImportTest, ARefusalIsOneLineAndLeavesNothing) {
  const std::string table = WriteTable("obs,action,reward\n1,0.5,1\n2,0.5,\n");
  const std::string out = TemporaryPath("out.hdf5");
  const Outcome refused = RunProgram("data import " + table + " " + out);
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(refused.error,
            "error: reading data: " + table + ":3:reward: expected a number, got nothing\n");
  for (const char* end : {"", ".partial", ".claim"}) {
    EXPECT_FALSE(std::filesystem::exists(out + end)) << end;
  }
}

TEST(DataImportTest, WhatIsThereIsKeptUnlessItIsToBeReplaced) {
  const std::string table = WriteTable("obs,action,reward,done\n1,0.5,1,0\n2,0.5,1,1\n");
  const std::string out = TemporaryPath("out.hdf5");
  ASSERT_EQ(RunProgram("data import " + table + " " + out + " --format d4rl").code, 0);
  const Outcome refused = RunProgram("data import " + table + " " + out);
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.error, StartsWith("error: writing data: " + out));
  EXPECT_EQ(std::ranges::count(refused.error, '\n'), 1) << refused.error;
  EXPECT_EQ(RunProgram("data import " + table + " " + out + " --overwrite").code, 0);
}

}  // namespace
}  // namespace longplay
