// SPDX-License-Identifier: MIT
// Data sets as commands are told of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string kFixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/";

/// A cache of Minari that holds one data set, toys/box-v0, and a command that sees it.
class MinariNameTest : public testing::Test {
 protected:
  void SetUp() override {
    cache_ = TemporaryPath("cache");
    fs::create_directories(cache_ + "/toys/box-v0");
    fs::copy(kFixtures + "minari_box", cache_ + "/toys/box-v0",
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    setenv("MINARI_DATASETS_PATH", cache_.c_str(), 1);
  }
  void TearDown() override { unsetenv("MINARI_DATASETS_PATH"); }

  std::string cache_;
};

TEST_F(MinariNameTest, EveryCommandThatTakesDataTakesTheName) {
  const std::string name = "minari:toys/box-v0";
  const Outcome info = RunProgram("data info --json " + name);
  EXPECT_EQ(info.code, 0) << info.error;
  const Outcome same = RunProgram("data info --json " + cache_ + "/toys/box-v0");
  EXPECT_EQ(info.out, same.out);
  EXPECT_EQ(RunProgram("data validate " + name).code, 0);
  const std::string out = TemporaryPath("out.hdf5");
  EXPECT_EQ(RunProgram("data convert --format d4rl " + name + " " + out).code, 0);
  EXPECT_EQ(nlohmann::json::parse(RunProgram("data info --json " + out).out)["steps"],
            nlohmann::json::parse(info.out)["steps"]);
  const std::string run = TemporaryPath("run");
  const Outcome train =
      RunProgram("train --data " + name + " --out " + run +
                 " train.steps=2 train.tokens_per_step=64 model.width=8 model.heads=1 "
                 "model.layers=1 chain.episodes=1 train.device=cpu");
  EXPECT_EQ(train.code, 0) << train.error;
  EXPECT_THAT(Text(run + "/config.yaml"), HasSubstr("minari:toys/box-v0"));
  EXPECT_EQ(RunProgram("eval " + run + " --data " + name).code, 0);
}

TEST_F(MinariNameTest, MissingOneIsOneLineFromEveryCommand) {
  const std::string name = "minari:toys/bax-v0";
  const std::string line = "expected a data set of Minari's cache, got none of this name in " +
                           cache_ +
                           ", which holds toys/box-v0; to download it: minari download "
                           "toys/bax-v0\n";
  for (const std::string command :
       {"data info ", "data replay ", "data convert --format d4rl ", "train --data "}) {
    const bool converts = command.starts_with("data convert");
    const Outcome outcome = RunProgram(
        command + name + (converts ? " " + TemporaryPath("out") : ""), TemporaryPath(""));
    EXPECT_EQ(outcome.code, 1) << command;
    EXPECT_THAT(outcome.error, HasSubstr("error: reading data: " + name + ": " + line)) << command;
  }
  const Outcome outcome = RunProgram("data validate " + name);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr("error: " + name + ": " + line));
}

// FORMAT.md: a file that a program writes is read all the same where HDF5 is told so.
TEST(DataInfoTest, LockedFileIsReadWhereLocksDoNotCount) {
  const std::string data = TemporaryPath("data.hdf5"), error = TemporaryPath("error");
  fs::copy_file(kFixtures + "d4rl.hdf5", data);
  const auto locked = [&](const std::string& before) {
    return WEXITSTATUS(
        std::system(("flock --exclusive " + data + " env " + before +
                     " " LONGPLAY_PROGRAM " data info " + data + " >" + error + ".out 2>" + error)
                        .c_str()));
  };
  EXPECT_EQ(locked("-u HDF5_USE_FILE_LOCKING"), 1);
  EXPECT_THAT(Text(error), HasSubstr("HDF5_USE_FILE_LOCKING=FALSE to read what is in it by now"));
  EXPECT_EQ(locked("HDF5_USE_FILE_LOCKING=FALSE"), 0) << Text(error);
}

}  // namespace
}  // namespace longplay
