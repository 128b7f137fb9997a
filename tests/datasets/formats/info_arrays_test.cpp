// SPDX-License-Identifier: MIT
#include "datasets/formats/info_arrays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;

/// Three rows of numbers in nested groups, a single number, and a text.
Hdf5File FileWithInfos() {
  const std::string path = TemporaryPath("infos.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path), infos = MakeGroup(file.get(), "episode_0/infos");
    WriteArray(infos.get(), "success", {3}, "bool", std::vector<double>{0, 0, 1});
    WriteArray(infos.get(), "seed", {}, "int64", std::vector<double>{7});
    const Hdf5Id goal = MakeGroup(infos.get(), "goal");
    WriteArray(goal.get(), "x", {3, 1, 2}, "float32", std::vector<double>{1, 2, 3, 4, 5, 6});
    const Hdf5Id text(H5Tcopy(H5T_C_S1)), space(H5Screate(H5S_SCALAR));
    const Hdf5Id array(H5Dcreate2(infos.get(), "note", text.get(), space.get(), H5P_DEFAULT,
                                  H5P_DEFAULT, H5P_DEFAULT));
  }
  return Hdf5File(path);
}

TEST(InfoArraysTest, ArraysOfAllGroupsAreFoundByTheirPaths) {
  const Hdf5File file = FileWithInfos();
  EXPECT_THAT(ArraysBelow(file, "episode_0/infos"),
              ElementsAre("goal/x", "note", "seed", "success"));
  EXPECT_THAT(ArraysBelow(file, "episode_0/infos/goal"), ElementsAre("x"));
  EXPECT_THAT(ArraysBelow(file, "episode_1/infos"), IsEmpty());
}

TEST(InfoArraysTest, RowsKeepTheirTypeAndShape) {
  const Hdf5File file = FileWithInfos();
  const InfoArray x = ReadInfo(file.Open("episode_0/infos/goal/x"));
  EXPECT_EQ(x.type, "float32");
  EXPECT_THAT(x.row_shape, ElementsAre(1, 2));
  EXPECT_THAT(x.values, ElementsAre(1, 2, 3, 4, 5, 6));
  const InfoArray success = ReadInfo(file.Open("episode_0/infos/success"), 1, 2);
  EXPECT_EQ(success.type, "bool");
  EXPECT_THAT(success.row_shape, IsEmpty());
  EXPECT_THAT(success.values, ElementsAre(0, 1));
}

TEST(InfoArraysTest, WhatIsNoRowsOfNumbersIsNamedAsLeftOut) {
  EpisodeExtras extras;
  AddInfos(FileWithInfos(), "episode_0/infos", 3, extras);
  EXPECT_THAT(extras.infos, ElementsAre(Key("goal/x"), Key("success")));
  EXPECT_THAT(extras.left_out, ElementsAre("infos/note", "infos/seed"));
}

TEST(InfoArraysTest, RowsThatAreNotThereAreRefused) {
  const Hdf5File file = FileWithInfos();
  EXPECT_THROW(ReadInfo(file.Open("episode_0/infos/success"), 2, 2), DataError);
}

TEST(InfoArraysTest, PositionsAndVelocitiesStandSideBySide) {
  const RecordedPhysics physics = SideBySide({1, 2, 3, 4}, 2, {5, 6}, 1);
  EXPECT_EQ(physics.columns, 3);
  EXPECT_THAT(physics.rows, ElementsAre(1, 2, 5, 3, 4, 6));
  EXPECT_THROW(SideBySide({1, 2, 3, 4}, 2, {5, 6, 7}, 1), std::runtime_error);
  EXPECT_THROW(SideBySide({1, 2}, 1, {}, 0), std::runtime_error);
}

TEST(InfoArraysTest, EndlesslyDeepGroupsAreRefused) {
  const std::string path = TemporaryPath("deep.hdf5");
  std::string deep = "infos";
  for (int level = 0; level < 16; ++level) deep += "/g";
  MakeGroup(CreateHdf5File(path).get(), deep);
  EXPECT_THAT([&] { ArraysBelow(Hdf5File(path), "infos"); },
              testing::ThrowsMessage<DataError>(
                  testing::HasSubstr("/g: expected groups less deep, got more than 16 levels")));
}

}  // namespace
}  // namespace longplay
