// SPDX-License-Identifier: MIT
#include "datasets/files/partial_path.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

void WriteFile(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

std::string ReadFile(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(PartialPathTest, WorkIsInPlaceWhenItIsFinished) {
  const std::string path = TemporaryPath("out");
  PartialPath place(path);
  EXPECT_EQ(place.path(), path);
  EXPECT_EQ(place.partial(), path + ".partial");
  WriteFile(place.partial(), "new");
  EXPECT_FALSE(fs::exists(path));
  place.Finish();
  EXPECT_EQ(ReadFile(path), "new");
  EXPECT_FALSE(fs::exists(place.partial()));
}

TEST(PartialPathTest, UnfinishedWorkGoesAndWhatWasThereStays) {
  const std::string path = TemporaryPath("out");
  WriteFile(path, "old");
  {
    const PartialPath place(path);
    WriteFile(place.partial(), "half");
  }
  EXPECT_EQ(ReadFile(path), "old");
  EXPECT_FALSE(fs::exists(path + ".partial"));
  {
    const PartialPath place(path);
    WriteFile(place.partial() + "/data/file", "half");
  }
  EXPECT_FALSE(fs::exists(path + ".partial")) << "folders go, too";
}

TEST(PartialPathTest, WhatAKilledProcessLeftIsRemovedFirst) {
  const std::string path = TemporaryPath("out");
  WriteFile(path + ".partial/data/old", "half");
  PartialPath place(path);
  EXPECT_FALSE(fs::exists(place.partial()));
  WriteFile(place.partial() + "/data/new", "whole");
  place.Finish();
  EXPECT_FALSE(fs::exists(path + "/data/old"));
  EXPECT_EQ(ReadFile(path + "/data/new"), "whole");
}

TEST(PartialPathTest, FilesAndFoldersTakeEachOthersPlace) {
  const std::string path = TemporaryPath("out");
  const auto finish = [&](const std::string& inside, const std::string& text) {
    PartialPath place(path);
    WriteFile(place.partial() + inside, text);
    place.Finish();
  };
  finish("", "a file");
  finish("", "another file");
  EXPECT_EQ(ReadFile(path), "another file");
  finish("/one", "in a folder");
  EXPECT_EQ(ReadFile(path + "/one"), "in a folder");
  finish("/two", "in another folder");
  EXPECT_FALSE(fs::exists(path + "/one"));
  finish("", "a file again");
  EXPECT_EQ(ReadFile(path), "a file again");
}

TEST(PartialPathTest, WhatWasFinishedStaysWhenTheObjectGoes) {
  const std::string path = TemporaryPath("out");
  {
    PartialPath place(path);
    WriteFile(place.partial(), "new");
    place.Finish();
  }
  EXPECT_EQ(ReadFile(path), "new");
}

// Once the work lay inside the folder that it was to replace, and went with it.
TEST(PartialPathTest, EndingSlashNamesTheSamePlace) {
  const std::string path = TemporaryPath("out");
  PartialPath place(path + "/");
  EXPECT_EQ(place.path(), path);
  EXPECT_EQ(place.partial(), path + ".partial");
  WriteFile(place.partial() + "/data", "new");
  place.Finish();
  EXPECT_EQ(ReadFile(path + "/data"), "new");
}

}  // namespace
}  // namespace longplay
