// SPDX-License-Identifier: MIT
#include "agent/runs/run_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

// "data/hopper/" had no name, and was trained in runs/ itself.
TEST(RunFolderTest, ARunIsNamedAfterItsFileOrFolder) {
  for (const char* path : {"hopper.hdf5", "data/hopper.hdf5", "data/hopper", "data/hopper/",
                           "data/hopper//", "data/hopper/.", "data/x/../hopper.npz", "/hopper/"}) {
    EXPECT_EQ(RunName(path), "hopper") << path;
  }
  EXPECT_EQ(RunName("."), fs::current_path().stem().string());
  EXPECT_EQ(RunName("/"), "run");
}

/// A checkpoint as far as it is looked at here.
void Write(const std::string& run, int64_t step, const std::string& config,
           const std::string& record) {
  const std::string folder = CheckpointFolder(run, step);
  fs::create_directories(folder);
  std::ofstream(folder + "/config.yaml") << config;
  std::ofstream(folder + "/policy.json") << record;
}

TEST(RunFolderTest, ReadableIsWhoseConfigurationAndRecordAre) {
  const std::string run = TemporaryPath("run");
  EXPECT_EQ(NewestReadableCheckpoint(run), "");
  Write(run, 1, "train: {steps: 3}\n", "{}");
  Write(run, 2, "", "{}");
  Write(run, 3, "train: {st", "{}");
  Write(run, 4, "train: {steps: 3}\n", "{\"schema");
  fs::create_directories(CheckpointFolder(run, 5));
  EXPECT_EQ(NewestCheckpoint(run), CheckpointFolder(run, 5));
  EXPECT_EQ(NewestReadableCheckpoint(run), CheckpointFolder(run, 1));
}

TEST(RunFolderTest, WhatIsSetAsideIsNoCheckpoint) {
  const std::string run = TemporaryPath("run");
  for (int time = 0; time < 2; ++time) {
    Write(run, 7, "", "");
    SetAsideCheckpoint(run, 7);
    EXPECT_TRUE(CheckpointSteps(run).empty());
    EXPECT_TRUE(fs::exists(run + "/checkpoints/step_7.damaged/config.yaml"));
  }
}

}  // namespace
}  // namespace longplay
