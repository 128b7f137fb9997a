// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "datasets/episode_reader.h"
#include "datasets/files/guarded_process.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

Episode TwoSteps(double first, int64_t history) {
  return {.observation_size = 2,
          .action_columns = 1,
          .observations = {first, 1, 2, 3, 4, 5},
          .actions = {0.5, -0.5},
          .rewards = {1, 2},
          .history = history,
          .truncated = true};
}

std::string Write(const std::string& name) {
  const std::string path = TemporaryPath(name);
  MinariWriter writer(path, {.environment = "Toy-v0",
                             .observation_size = 2,
                             .action_size = 1,
                             .action_low = {-1},
                             .action_high = {1},
                             .max_episode_steps = 7,
                             .action_repeat = 3});
  for (int i = 0; i < 12; ++i) writer.Write(TwoSteps(i, i / 4), {{"history", i / 4}});
  EXPECT_FALSE(std::filesystem::exists(path)) << "nothing half-made in place";
  writer.Finish();
  return path;
}

void ExpectTheSame(const std::string& path) {
  const auto reader = OpenDataset(path);
  EXPECT_EQ(reader->info().episodes, 12);
  EXPECT_EQ(reader->info().steps, 24);
  EXPECT_EQ(reader->info().observation_size, 2);
  EXPECT_EQ(reader->info().action_size, 1);
  EXPECT_EQ(reader->info().environment, "Toy-v0");
  EXPECT_EQ(reader->info().action_repeat, 3);
  EXPECT_EQ(reader->info().max_episode_steps, 7);
  for (int64_t i = 0; i < 12; ++i) {  // numeric order, not lexical
    const Episode episode = reader->Read(i);
    EXPECT_EQ(episode.observations, TwoSteps(static_cast<double>(i), 0).observations);
    EXPECT_EQ(episode.actions, (std::vector<double>{0.5, -0.5}));
    EXPECT_EQ(episode.rewards, (std::vector<double>{1, 2}));
    EXPECT_EQ(episode.history, i / 4);
    EXPECT_TRUE(episode.truncated);
    EXPECT_FALSE(episode.terminated);
  }
}

TEST(MinariTest, FolderReadsBackAsWritten) { ExpectTheSame(Write("minari_folder")); }

TEST(MinariTest, SingleFileReadsBackAsWritten) { ExpectTheSame(Write("minari_file.hdf5")); }

TEST(MinariTest, WhatIsNotHdf5IsRefusedByName) {
  const std::string path = TemporaryPath("not.hdf5");
  std::ofstream(path) << "plain text";
  try {
    OpenDataset(path);
    FAIL() << "expected an error";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("not.hdf5"), std::string::npos);
  }
}

TEST(MinariTest, MetadataThatMustNotBeReadSaysSo) {
  const std::string path = Write("closed");
  std::filesystem::permissions(path + "/data/metadata.json", std::filesystem::perms::none);
  const GuardedResult result = RunGuarded({}, [&](const std::function<void()>&) {
    if (geteuid() == 0 && setuid(65534) != 0) return std::string("stays root");  // reads everything
    OpenDataset(path);
    return std::string("opened");
  });
  if (result.text == "stays root") GTEST_SKIP() << "root reads everything";
  EXPECT_THAT(result.text, testing::HasSubstr("metadata.json: expected a readable file, got "
                                              "Permission denied"));
}

}  // namespace
}  // namespace longplay
