// SPDX-License-Identifier: MIT
#include "datasets/formats/column_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;

struct Leaf {
  std::string group, name;
  std::vector<int64_t> shape;
  std::vector<double> values;
  std::string type = "float32";
};

Hdf5File FileOf(const std::vector<Leaf>& leaves) {
  const std::string path = TemporaryPath("columns.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    for (const Leaf& leaf : leaves) {
      const Hdf5Id group = MakeGroup(file.get(), leaf.group);
      WriteArray(group.get(), leaf.name, leaf.shape, leaf.type, leaf.values);
    }
  }
  return Hdf5File(path);
}

std::string Refusal(const std::function<void()>& work) {
  try {
    work();
  } catch (const DataError& error) {
    return error.where().substr(error.where().find(".hdf5:") + 6) + ": " + error.problem();
  }
  return "sound";
}

std::vector<double> Rows(const ColumnGroup& columns, const Hdf5File& file,
                         const std::string& path) {
  std::vector<double> rows;
  columns.Read(file, path, rows);
  return rows;
}

TEST(ColumnGroupTest, KeysOfADictAreSideBySideInAlphabeticalOrder) {
  const Hdf5File file = FileOf({{"seen", "velocity", {2}, {5, 6}},
                                {"seen", "arm", {2, 2}, {1, 2, 3, 4}},
                                {"seen/goal", "x", {2}, {7, 8}}});
  const ColumnGroup columns = ColumnGroup::Find(file, "seen");
  EXPECT_THAT(columns.names(), ElementsAre("arm", "goal/x", "velocity"));
  EXPECT_EQ(columns.width(), 4);
  EXPECT_THAT(Rows(columns, file, "seen"), ElementsAre(1, 2, 7, 5, 3, 4, 8, 6));
}

TEST(ColumnGroupTest, PartsOfATupleAreInNumericOrder) {
  std::vector<Leaf> leaves;
  for (int k = 11; k >= 0; --k) {
    leaves.push_back({"seen", "_index_" + std::to_string(k), {1}, {k * 1.0}});
  }
  const Hdf5File file = FileOf(leaves);
  EXPECT_THAT(Rows(ColumnGroup::Find(file, "seen"), file, "seen"),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
}

TEST(ColumnGroupTest, OneArrayHasNoName) {
  const Hdf5File file = FileOf({{"episode", "actions", {2, 1, 2}, {1, 2, 3, 4}}});
  const ColumnGroup columns = ColumnGroup::Find(file, "episode/actions");
  EXPECT_THAT(columns.names(), ElementsAre(""));
  EXPECT_EQ(columns.width(), 2);
  EXPECT_THAT(Rows(columns, file, "episode/actions"), ElementsAre(1, 2, 3, 4));
}

TEST(ColumnGroupTest, ChosenArraysKeepTheirOrder) {
  const Hdf5File file = FileOf({{"obs", "a", {2}, {1, 2}}, {"obs", "b", {2}, {3, 4}}});
  const ColumnGroup columns = ColumnGroup::Choose(file, "obs", {"b", "a"});
  EXPECT_THAT(Rows(columns, file, "obs"), ElementsAre(3, 1, 4, 2));
  EXPECT_EQ(Refusal([&] { ColumnGroup::Choose(file, "obs", {"c"}); }),
            "obs/c: expected an array, got nothing");
}

TEST(ColumnGroupTest, SameLeavesElsewhereAreRead) {
  const Hdf5File file = FileOf({{"first", "a", {1}, {1}},
                                {"first", "b", {1}, {2}},
                                {"second", "a", {2}, {3, 4}},
                                {"second", "b", {2}, {5, 6}},
                                {"second", "c", {2}, {7, 8}}});
  const ColumnGroup columns = ColumnGroup::Find(file, "first");
  EXPECT_EQ(columns.CheckShapes(file, "second"), 2);
  EXPECT_THAT(Rows(columns, file, "second"), ElementsAre(3, 5, 4, 6)) << "without c";
}

TEST(ColumnGroupTest, TypeIsThatOfAllOrTheWidest) {
  const Hdf5File file = FileOf({{"same", "a", {1}, {1}, "int16"},
                                {"same", "b", {1}, {1}, "int16"},
                                {"mixed", "a", {1}, {1}, "float32"},
                                {"mixed", "b", {1}, {1}, "int16"}});
  EXPECT_EQ(ColumnGroup::Find(file, "same").type(), "int16");
  EXPECT_EQ(ColumnGroup::Find(file, "mixed").type(), "float64");
  EXPECT_EQ(ColumnGroup().type(), "float64");
  EXPECT_EQ(ColumnGroup().width(), 0);
}

TEST(ColumnGroupTest, LeavesOfOtherLengthsOrWidthsAreNamed) {
  const Hdf5File file = FileOf({{"first", "a", {2}, {1, 2}},
                                {"first", "b", {2}, {3, 4}},
                                {"short", "a", {2}, {1, 2}},
                                {"short", "b", {1}, {3}},
                                {"wide", "a", {2}, {1, 2}},
                                {"wide", "b", {2, 2}, {1, 2, 3, 4}},
                                {"less", "a", {2}, {1, 2}}});
  const ColumnGroup columns = ColumnGroup::Find(file, "first");
  const auto check = [&](const std::string& path) {
    return Refusal([&] { columns.CheckShapes(file, path); });
  };
  EXPECT_EQ(check("first"), "sound");
  EXPECT_EQ(check("short"), "short/b: expected 2 rows, got 1");
  EXPECT_EQ(check("wide"), "wide/b: expected 1 number a row, got 2");
  EXPECT_EQ(check("less"), "less/b: expected an array, got nothing");
}

TEST(ColumnGroupTest, LeafThatIsNotFiniteIsNamed) {
  const Hdf5File file = FileOf({{"seen", "a", {2}, {1, 2}}, {"seen", "b", {2}, {3, std::nan("")}}});
  std::vector<double> rows;
  EXPECT_EQ(Refusal([&] { ColumnGroup::Find(file, "seen").Read(file, "seen", rows); }),
            "seen/b[1]: expected a finite number, got nan");
}

TEST(ColumnGroupTest, ImagesAndGroupsWithoutArraysAreRefused) {
  const Hdf5File file = FileOf({{"seen", "camera", {1, 2, 2}, {0, 1, 2, 3}, "uint8"}});
  EXPECT_EQ(Refusal([&] { ColumnGroup::Find(file, "seen"); }),
            "seen/camera: expected rows of numbers, got images");
  const std::string path = TemporaryPath("empty.hdf5");
  MakeGroup(CreateHdf5File(path).get(), "seen");
  EXPECT_EQ(Refusal([&] { ColumnGroup::Find(Hdf5File(path), "seen"); }),
            "seen: expected arrays, got an empty group");
}

TEST(ColumnGroupTest, ImagesAreBytesWithHeightAndWidth) {
  const Hdf5File file = FileOf({{"a", "picture", {1, 2, 2}, {0, 1, 2, 3}, "uint8"},
                                {"a", "bytes", {2, 2}, {0, 1, 2, 3}, "uint8"},
                                {"a", "flags", {1, 2, 2}, {0, 1, 1, 0}, "bool"},
                                {"a", "words", {1, 2, 2}, {0, 1, 2, 3}, "int16"}});
  EXPECT_TRUE(IsImage(file.Open("a/picture").info()));
  EXPECT_FALSE(IsImage(file.Open("a/bytes").info()));
  EXPECT_FALSE(IsImage(file.Open("a/flags").info()));
  EXPECT_FALSE(IsImage(file.Open("a/words").info()));
}

TEST(ColumnGroupTest, EndlesslyDeepGroupsAreRefused) {
  std::string deep = "seen";
  for (int level = 0; level < 15; ++level) deep += "/g";
  EXPECT_EQ(ColumnGroup::Find(FileOf({{deep, "a", {1}, {1}}}), "seen").width(), 1);
  const Hdf5File refused = FileOf({{deep + "/g", "a", {1}, {1}}});
  EXPECT_EQ(Refusal([&] { ColumnGroup::Find(refused, "seen"); }),
            deep + "/g: expected groups less deep, got more than 16 levels");
}

}  // namespace
}  // namespace longplay
