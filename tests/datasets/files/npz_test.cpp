// SPDX-License-Identifier: MIT
#include "datasets/files/npz.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "tests/datasets/npz_bytes.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Key;

NpyArray Parse(const std::string& bytes, const NpzLimits& limits = {}) {
  return ParseNpy(std::as_bytes(std::span(bytes)), limits);
}

std::string Refusal(const std::string& bytes, const NpzLimits& limits = {}) {
  try {
    Parse(bytes, limits);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

bool Everything(const std::string& /*name*/) { return true; }

std::map<std::string, NpyArray> ParseArchive(
    const std::string& bytes, const std::function<bool(const std::string&)>& wanted = Everything) {
  return ParseNpz(std::as_bytes(std::span(bytes)), wanted);
}

std::string ArchiveRefusal(const std::string& bytes) {
  try {
    ParseArchive(bytes);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

/// Two numbers, 1 and 2.
std::string OneTwo() { return NpyFile("<f4", "(2,)", BytesOf<float>({1, 2})); }

TEST(NpzTest, FortranOrderIsTransposed) {
  const std::string columns = BytesOf<float>({1, 2, 3, 4, 5, 6});
  const NpyArray matrix =
      Parse(NpyFile("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", columns));
  EXPECT_THAT(matrix.shape, ElementsAre(2, 3));
  EXPECT_THAT(matrix.values, ElementsAre(1, 3, 5, 2, 4, 6));
  const NpyArray list =
      Parse(NpyFile("{'descr': '<f4', 'fortran_order': True, 'shape': (6,), }", columns));
  EXPECT_THAT(list.values, ElementsAre(1, 2, 3, 4, 5, 6)) << "one dimension has one order";
}

TEST(NpzTest, FortranOrderTurnsEveryDimension) {
  // Stored at i + 2 j + 4 k.
  const NpyArray cube =
      Parse(NpyFile("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2), }",
                    BytesOf<uint8_t>({0, 1, 2, 3, 4, 5, 6, 7})));
  EXPECT_THAT(cube.values, ElementsAre(0, 4, 2, 6, 1, 5, 3, 7));
}

struct TypeCase {
  std::string descr, bytes;
  std::vector<double> values;
};

TEST(NpzTest, NumbersOfEveryWidthAreWidened) {
  const std::vector<TypeCase> cases = {
      {"<f8", BytesOf<double>({0.1, -2}), {0.1, -2}},
      {"<f4", BytesOf<float>({0.1F, -2}), {double{0.1F}, -2}},
      {"|i1", "\xff\x7f", {-1, 127}},
      {"|u1", "\xff\x7f", {255, 127}},
      {"<i2", std::string("\xfe\xff\x00\x01", 4), {-2, 256}},
      {"<u2", std::string("\xfe\xff\x00\x01", 4), {65534, 256}},
      {"<i4", BytesOf<int32_t>({-70000, 1}), {-70000, 1}},
      {"<u4", BytesOf<uint32_t>({4294967295U, 1}), {4294967295, 1}},
      {"<i8", BytesOf<int64_t>({-(int64_t{1} << 40), 1}), {-0x1p40, 1}},
      {"<u8", BytesOf<uint64_t>({uint64_t{1} << 63, 1}), {0x1p63, 1}},
      {"|b1", std::string("\x01\x00", 2), {1, 0}},
  };
  for (const auto& [descr, bytes, values] : cases) {
    const NpyArray array = Parse(NpyFile(descr, "(2,)", bytes));
    EXPECT_EQ(array.values, values) << descr;
    EXPECT_EQ(array.type, descr.substr(1));
  }
}

TEST(NpzTest, HalfPrecisionIsReadBitByBit) {
  // One, minus two, the smallest number, the largest, both infinities, not a number.
  const NpyArray array = Parse(NpyFile(
      "<f2", "(7,)", BytesOf<uint16_t>({0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0xfc00, 0x7e00})));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THAT(std::span(array.values).first(6),
              ElementsAre(1, -2, 0x1p-24, 65504, infinity, -infinity));
  EXPECT_TRUE(std::isnan(array.values[6]));
}

TEST(NpzTest, BigEndianNumbersAreRefusedByTheirType) {
  EXPECT_EQ(Refusal(NpyFile(">f4", "(1,)", "1234")),
            "expected numbers in little-endian order, got type >f4");
  EXPECT_EQ(Refusal(NpyFile("<U4", "(1,)", std::string(16, '\0'))),
            "expected numbers in little-endian order, got type <U4");
}

TEST(NpzTest, LaterVersionsHaveALongerHeader) {
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
  const auto version = [&](char number) {
    return std::string("\x93NUMPY") + number + '\0' + LittleEndian(header.size(), 4) + header +
           BytesOf<float>({1, 2});
  };
  EXPECT_THAT(Parse(version(2)).values, ElementsAre(1, 2));
  EXPECT_THAT(Parse(version(3)).values, ElementsAre(1, 2));
  EXPECT_EQ(Refusal(version(4)), "expected npy version 1 to 3, got 4");
}

TEST(NpzTest, HeaderMayBeInAnyOrder) {
  const NpyArray array = Parse(
      NpyFile("{'shape': (1,2), 'fortran_order':False,'descr':'<f4'}", BytesOf<float>({1, 2})));
  EXPECT_THAT(array.shape, ElementsAre(1, 2));
  EXPECT_THAT(array.values, ElementsAre(1, 2));
}

TEST(NpzTest, ShapesOfPythonTwoAreRead) {
  EXPECT_THAT(Parse(NpyFile("|u1", "(1L, 2L)", "ab")).shape, ElementsAre(1, 2));
}

TEST(NpzTest, RowsAreTheFirstDimension) {
  const NpyArray cube = Parse(NpyFile("|u1", "(2, 3, 4)", std::string(24, '\1')));
  EXPECT_EQ(cube.rows(), 2);
  EXPECT_EQ(cube.row_size(), 12);
  const NpyArray single = Parse(NpyFile("|u1", "()", "\5"));
  EXPECT_THAT(single.shape, IsEmpty());
  EXPECT_EQ(single.rows(), 1);
  EXPECT_EQ(single.row_size(), 1);
  EXPECT_THAT(single.values, ElementsAre(5));
}

TEST(NpzTest, ArrayWithoutNumbersNeedsNone) {
  EXPECT_THAT(Parse(NpyFile("<f8", "(0, 99999999999)", "")).values, IsEmpty());
}

TEST(NpzTest, NumbersThatAreNotThereAreMissed) {
  EXPECT_EQ(Refusal(OneTwo().substr(0, OneTwo().size() - 1)),
            "expected a whole file, got a truncated one");
  EXPECT_EQ(Refusal("PK"), "expected an npy array, got another file");
}

TEST(NpzTest, LimitIsOnTheUnpackedArray) {
  EXPECT_EQ(Refusal(OneTwo(), {.array_bytes = 8}), "read");
  EXPECT_EQ(Refusal(OneTwo(), {.array_bytes = 7}),
            "expected an array of at most 7 bytes, got a larger one");
}

TEST(NpzTest, ArraysHaveTheirNamesWithoutTheEnding) {
  const auto arrays =
      ParseArchive(ZipFile({{"action.npy", OneTwo()}, {"in/reward.npy", OneTwo()}}));
  EXPECT_THAT(arrays, ElementsAre(Key("action"), Key("in/reward")));
  EXPECT_THAT(arrays.at("in/reward").values, ElementsAre(1, 2));
}

TEST(NpzTest, WhatIsNotWantedIsNotLookedAt) {
  const std::string archive =
      ZipFile({{"a.npy", OneTwo()}, {"damaged.npy", "?"}, {"notes.txt", "no array"}});
  const auto wanted = [](const std::string& name) { return name == "a"; };
  EXPECT_THAT(ParseArchive(archive, wanted), ElementsAre(Key("a")));
  EXPECT_EQ(ArchiveRefusal(archive), "expected an npy array, got another file");
}

TEST(NpzTest, CommentBehindTheArchiveIsNoHarm) {
  std::string archive = ZipFile({{"a.npy", OneTwo()}});
  archive.replace(archive.size() - 2, 2, LittleEndian(5, 2));
  EXPECT_THAT(ParseArchive(archive + "hello"), ElementsAre(Key("a")));
}

// numpy writes such fields for every array, in case it grows.
TEST(NpzTest, SizesMayStandInAFieldOfTheirOwn) {
  const std::string content = OneTwo(), name = "a.npy";
  const std::string field = LittleEndian(7, 2) + LittleEndian(2, 2) + "ab" +  // of another kind
                            LittleEndian(1, 2) + LittleEndian(16, 2) +
                            LittleEndian(content.size(), 8) + LittleEndian(content.size(), 8);
  const std::string local = LittleEndian(0x04034b50, 4) + std::string(14, '\0') +
                            std::string(8, '\xff') + LittleEndian(name.size(), 2) +
                            LittleEndian(0, 2) + name + content;
  const std::string directory = LittleEndian(0x02014b50, 4) + std::string(16, '\0') +
                                std::string(8, '\xff') + LittleEndian(name.size(), 2) +
                                LittleEndian(field.size(), 2) + std::string(14, '\0') + name +
                                field;
  const std::string end = LittleEndian(0x06054b50, 4) + std::string(4, '\0') + LittleEndian(1, 2) +
                          LittleEndian(1, 2) + LittleEndian(directory.size(), 4) +
                          LittleEndian(local.size(), 4) + std::string(2, '\0');
  EXPECT_THAT(ParseArchive(local + directory + end).at("a").values, ElementsAre(1, 2));
}

TEST(NpzTest, OtherFilesAndLockedOnesAreRefused) {
  EXPECT_EQ(ArchiveRefusal("short"), "expected a zip archive (.npz), got something shorter");
  EXPECT_EQ(ArchiveRefusal(std::string(100, 'x')),
            "expected a zip archive (.npz), got something else, or a truncated one");
  std::string locked = ZipFile({{"a.npy", OneTwo()}});
  locked[locked.find("PK\x01\x02") + 8] = 1;
  EXPECT_EQ(ArchiveRefusal(locked), "expected an archive without a password, got one with");
}

TEST(NpzTest, ListsArraysWithoutReadingTheirNumbers) {
  const std::string archive = ZipFile(
      {{"a.npy", NpyFile("<f4", "(2, 3)", "too few bytes")},
       {"b.npy", NpyFile("|O", "(2,)", "pickle")},
       {"c.npy", NpyFile("<U5", "()", "text")},
       {"d.npy", NpyFile("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,), }", "")},
       {"e.npy", NpyFile(">f8", "(1,)", "")},
       {"readme.txt", "no array"}});
  std::vector<std::string> arrays;
  for (const NpzEntry& entry : ListNpz(std::as_bytes(std::span(archive)))) {
    arrays.push_back(entry.name + " " + entry.type + " " + std::to_string(entry.shape.size()) +
                     ": " + entry.refused);
  }
  EXPECT_THAT(arrays, ElementsAre("a f4 2: ", "b O 1: Python objects", "c U5 0: texts",
                                  "d  1: a structured array", "e f8 1: numbers of type >f8"));
}

TEST(NpzTest, ListsDeflatedArrays) {
  std::ifstream file(
      std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/tables/arrays/ogbench.npz",
      std::ios::binary);
  const std::string archive(std::istreambuf_iterator<char>(file), {});
  const std::vector<NpzEntry> arrays = ListNpz(std::as_bytes(std::span(archive)));
  ASSERT_EQ(arrays.size(), 5U);
  EXPECT_EQ(arrays[0].name, "observations");
  EXPECT_THAT(arrays[0].shape, ElementsAre(87, 4));
}

}  // namespace
}  // namespace longplay
