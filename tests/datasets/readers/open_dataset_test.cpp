// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "datasets/episode_reader.h"
#include "datasets/files/hdf5_writer.h"
#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"
#include "datasets/validate.h"
#include "datasets/writers/minari_writer.h"
#include "tests/datasets/read_all.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A flat file of two rows: one episode.
std::string WriteFlat(const std::string& name, const std::vector<double>& rewards = {1, 2}) {
  const std::string path = TemporaryPath(name);
  const Hdf5Id file = CreateHdf5File(path);
  WriteArray(file.get(), "observations", {2}, "float32", std::vector<double>{1, 2});
  WriteArray(file.get(), "actions", {2}, "float32", std::vector<double>{0, 0});
  WriteArray(file.get(), "rewards", {2}, "float32", rewards);
  WriteArray(file.get(), "terminals", {2}, "bool", std::vector<double>{0, 1});
  WriteArray(file.get(), "timeouts", {2}, "bool", std::vector<double>{0, 0});
  return path;
}

/// A Minari folder of one episode.
std::string WriteFolder(const std::string& name) {
  const std::string path = TemporaryPath(name);
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  writer.Write({.observation_size = 1,
                .action_columns = 1,
                .observations = {1, 2},
                .actions = {0},
                .rewards = {1},
                .truncated = true});
  writer.Finish();
  return path;
}

std::string Refusal(const std::string& path) {
  try {
    OpenAndReadAll(path);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "opened";
}

TEST(OpenDatasetTest, ContentSaysTheFormatWhateverTheName) {
  EXPECT_EQ(MakeFormatReader(WriteFlat("episode_0.npz.txt"))->info().format, "d4rl");
  EXPECT_EQ(MakeFormatReader(WriteFolder("d4rl"))->info().format, "minari");
}

TEST(OpenDatasetTest, FolderMeansTheFileInsideIt) {
  const std::string folder = WriteFolder("folder");
  const std::string file = folder + "/data/main_data.hdf5";
  for (const std::string& path : {folder, folder + "/data", file}) {
    EXPECT_EQ(fs::path(OpenDataset(path)->info().path).lexically_normal(), file);
  }
}

TEST(OpenDatasetTest, OptionsFollowAQuestionMark) {
  const std::string path = WriteFlat("flat.hdf5");
  EXPECT_EQ(SourceFile(path + "?reward=2"), path);
  EXPECT_EQ(SourceFile(path), path);
  EXPECT_EQ(SourceFile("/no/such?reward=2"), "/no/such");
}

TEST(OpenDatasetTest, FileWithAQuestionMarkInItsNameIsThatFile) {
  const std::string path = WriteFlat("what?.hdf5");
  EXPECT_EQ(SourceFile(path), path);
  EXPECT_EQ(OpenDataset(path)->info().steps, 2);
}

TEST(OpenDatasetTest, OtherOptionsAreRefusedWithWhatIsAccepted) {
  const std::string path = WriteFlat("flat.hdf5");
  for (const char* option :
       {"key=1", "reward=10", "reward=-1", "reward=", "observations=", "=", "x"}) {
    EXPECT_EQ(Refusal(path + "?" + option),
              "reading data: " + path + "?" + option +
                  ": expected ?observations=KEY,KEY, ?reward=0 ... 9, "
                  "?actions=continuous|discrete|demonstrator or ?states=1|0, got " +
                  option);
  }
  EXPECT_EQ(Refusal(path + "?"), "opened");
}

TEST(OpenDatasetTest, ErrorThatStopsOpeningIsTheFirstThatValidatingLists) {
  const std::string path = WriteFlat("bad.hdf5", {1, std::nan("")});
  const std::vector<Problem> problems = ValidateDataset(path);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::kError);
  EXPECT_EQ(Refusal(path), "reading data: " + problems[0].where + ": " + problems[0].problem);
  EXPECT_THAT(problems[0].where, EndsWith("bad.hdf5:rewards[1]"));
}

TEST(OpenDatasetTest, SoundFileIsOpenedAndHasNoProblems) {
  const std::string path = WriteFlat("sound.hdf5");
  EXPECT_THAT(ValidateDataset(path), IsEmpty());
  const auto reader = OpenDataset(path);
  EXPECT_EQ(reader->info().episodes, 1);
  EXPECT_EQ(reader->info().steps, 2);
  EXPECT_TRUE(reader->Read(0).terminated);
}

TEST(OpenDatasetTest, ExtrasThatCannotBeReadAreAnErrorWhereTheyAreAskedFor) {
  const std::string path = WriteFlat("physics.hdf5");
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const Hdf5Id infos = MakeGroup(file.get(), "infos");
    WriteArray(infos.get(), "qpos", {1}, "float64", std::vector<double>{0});  // a row too few
    WriteArray(infos.get(), "qvel", {2}, "float64", std::vector<double>{0, 0});
  }
  const auto reader = OpenAndReadAll(path);
  EXPECT_THAT([&] { reader->ReadPhysics(0); },
              testing::ThrowsMessage<std::runtime_error>(
                  HasSubstr(":infos/qpos: expected rows 0 to 2, got 1 rows")));
  EXPECT_EQ(reader->Read(0).length(), 2) << "the reader goes on";
}

TEST(OpenDatasetTest, WarningsAreCompleteWhenEveryEpisodeWasRead) {
  const std::string path = WriteFlat("both.hdf5");
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    H5Ldelete(file.get(), "rewards", H5P_DEFAULT);
  }
  const auto reader = OpenAndReadAll(path);
  const std::vector<Problem> validated = ValidateDataset(path), warned = reader->Warnings();
  ASSERT_EQ(warned.size(), 1U);
  ASSERT_EQ(validated.size(), 1U);
  EXPECT_EQ(warned[0].where, validated[0].where);
  EXPECT_EQ(warned[0].problem, validated[0].problem);
}

TEST(OpenDatasetTest, EpisodeThatIsNotThereIsRefused) {
  const auto reader = OpenDataset(WriteFlat("flat.hdf5"));
  EXPECT_THROW(reader->Read(1), std::out_of_range);
  EXPECT_THROW(reader->Read(-1), std::out_of_range);
}

TEST(OpenDatasetTest, WhatIsNoDataSetIsAProblemAndNoException) {
  const std::vector<Problem> problems = ValidateDataset("/no/such.hdf5");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, "/no/such.hdf5");
  EXPECT_EQ(problems[0].problem, "expected a data file or folder, got none: there is no such file");
}

TEST(OpenDatasetTest, MisspeltNamesAreShownBesideTheExpectedOnes) {
  const std::string path = TemporaryPath("misspelt.hdf5");
  CreateHdf5File(path);
  EXPECT_THAT(Refusal(path), EndsWith("got none of them: it holds nothing"));
  {
    const Hdf5Id file = CreateHdf5File(TemporaryPath("names.hdf5"));
    for (const char* name : {"observation", "done", "a", "b", "c", "d", "e", "f", "g"}) {
      WriteArray(file.get(), name, {1}, "float32", std::vector<double>{1});
    }
  }
  EXPECT_THAT(Refusal(TemporaryPath("names.hdf5")),
              EndsWith("it holds a, b, c, d, done, e, f, g ..."));
}

TEST(OpenDatasetTest, ATableIsNoDataSetYet) {
  const std::string path = TemporaryPath("steps.csv");
  std::ofstream(path) << "obs,action\n1,2\n";
  EXPECT_EQ(Refusal(path), "reading data: " + path +
                               ": expected a data set, got a table: `longplay data import TABLE "
                               "OUT` makes one");
}

}  // namespace
}  // namespace longplay
