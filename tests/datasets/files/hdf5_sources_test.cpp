// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/files/hdf5_writer.h"
#include "tests/datasets/without_plugins.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr hsize_t kEndless = H5S_UNLIMITED;
using Extent = std::vector<hsize_t>;

/// first, first + 1 ...
std::vector<double> Numbers(double first, size_t count) {
  std::vector<double> numbers(count);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

/// A file with `x`, (rows,) float64 from `first` on.
void WritePart(const std::string& name, double first, size_t rows) {
  const Hdf5Id file = CreateHdf5File(TemporaryPath(name));
  WriteArray(file.get(), "x", {static_cast<int64_t>(rows)}, "float64", Numbers(first, rows));
}

/// Places of an array of this size, all of them without `count`: blocks of one dimension.
struct Places {
  Extent size, start, stride, count, block;

  Hdf5Id Space() const {
    // A dimension without end can grow.
    const bool ends = count.empty() || (count[0] != kEndless && block[0] != kEndless);
    Extent most = size;
    if (!ends) most[0] = H5S_UNLIMITED;
    Hdf5Id space(H5Screate_simple(static_cast<int>(size.size()), size.data(), most.data()));
    if (count.empty()) return space;
    EXPECT_GE(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), stride.data(),
                                  count.data(), block.data()),
              0);
    return space;
  }
};

/// Rows [first, first + count) of so many.
Places Rows(hsize_t of, hsize_t first, hsize_t count) { return {{of}, {first}, {1}, {1}, {count}}; }

struct Source {
  std::string file, array;
  Places to, from;
};

/// Adds the virtual data set `name` of these sources.
void AddVirtual(const Hdf5Id& file, const std::string& name, const std::vector<Source>& sources) {
  const Hdf5Id properties(H5Pcreate(H5P_DATASET_CREATE));
  for (const Source& source : sources) {
    const Hdf5Id to = source.to.Space(), from = source.from.Space();
    EXPECT_GE(H5Pset_virtual(properties.get(), to.get(), source.file.c_str(), source.array.c_str(),
                             from.get()),
              0);
  }
  // Of the extent that the first one's place has.
  Places all = sources.front().to;
  const Hdf5Id space(H5Scopy(all.Space().get()));
  H5Sselect_all(space.get());
  const Hdf5Id array(H5Dcreate2(file.get(), name.c_str(), H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                properties.get(), H5P_DEFAULT));
  EXPECT_TRUE(array);
}

/// A file whose `x` is virtual.
std::string WriteVirtual(const std::string& name, const std::vector<Source>& sources) {
  const std::string path = TemporaryPath(name);
  AddVirtual(CreateHdf5File(path), "x", sources);
  return path;
}

std::vector<double> ReadX(const std::string& path) { return Hdf5File(path).Open("x").Read(); }

/// Without "reading data: PATH:x: expected ".
std::string Refusal(const std::string& path) {
  try {
    ReadX(path);
  } catch (const DataError& error) {
    EXPECT_EQ(error.where().substr(0, path.size() + 2), path + ":x");
    return error.where().substr(path.size() + 2) + error.problem().substr(9);
  }
  return "read";
}

constexpr char kBeside[] =
    ", got no such file: it belongs beside this one, or in a folder of HDF5_VDS_PREFIX";

TEST(Hdf5SourcesTest, SourcesThatAreAllThereAreOneArray) {
  WritePart("a.hdf5", 1, 3);
  WritePart("b.hdf5", 4, 5);
  // The first as a whole, of the second all but its ends.
  const std::string path = WriteVirtual(
      "all.hdf5",
      {{"a.hdf5", "x", Rows(6, 0, 3), {{3}}}, {"b.hdf5", "/x", Rows(6, 3, 3), Rows(5, 1, 3)}});
  const Hdf5Array array = Hdf5File(path).Open("x");
  EXPECT_TRUE(array.info().is_allocated) << "once taken for never written";
  EXPECT_THAT(array.Read(), ElementsAre(1, 2, 3, 5, 6, 7));
  EXPECT_THAT(array.Read(2, 2), ElementsAre(3, 5));
}

TEST(Hdf5SourcesTest, SourceFileThatIsMissingIsNamed) {
  WritePart("a.hdf5", 1, 3);
  const std::vector<Source> sources = {{"a.hdf5", "x", Rows(5, 0, 3), {{3}}},
                                       {"b.hdf5", "x", Rows(5, 3, 2), {{2}}}};
  const std::string path = WriteVirtual("all.hdf5", sources);
  EXPECT_EQ(Refusal(path), std::string("2 values of b.hdf5:x in this virtual data set") + kBeside);
  WritePart("b.hdf5", 4, 2);
  EXPECT_EQ(ReadX(path), Numbers(1, 5));
  fs::remove(TemporaryPath("a.hdf5"));
  EXPECT_EQ(Refusal(path), std::string("3 values of a.hdf5:x in this virtual data set") + kBeside);
}

TEST(Hdf5SourcesTest, SourceFileThatCannotBeReadSaysWhy) {
  std::ofstream(TemporaryPath("text.hdf5")) << std::string(600, 'x');
  EXPECT_EQ(Refusal(WriteVirtual("all.hdf5", {{"text.hdf5", "x", Rows(2, 0, 2), {{2}}}})),
            "2 values of text.hdf5:x in this virtual data set, got something else");
  WritePart("folder", 1, 2);
  EXPECT_EQ(Refusal(WriteVirtual("all.hdf5", {{"folder/a.hdf5", "x", Rows(2, 0, 2), {{2}}}})),
            "2 values of folder/a.hdf5:x in this virtual data set, got none: a part of its path "
            "is no folder");
}

TEST(Hdf5SourcesTest, SourceArrayThatIsMissingIsNamed) {
  WritePart("a.hdf5", 1, 3);
  EXPECT_EQ(Refusal(WriteVirtual("all.hdf5", {{"a.hdf5", "y", Rows(3, 0, 3), {{3}}}})),
            "3 values of a.hdf5:y in this virtual data set, got no such array in it");
  {
    const Hdf5Id file(H5Fopen(TemporaryPath("a.hdf5").c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    H5Lcreate_external("gone.hdf5", "/z", file.get(), "y", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_EQ(
      Refusal(TemporaryPath("all.hdf5")),
      "3 values of a.hdf5:y in this virtual data set, got a dangling link to gone.hdf5:/z (no "
      "such file)");
}

// HDF5 would read what lies behind the source in its file.
TEST(Hdf5SourcesTest, SourceThatIsTooShortIsNamed) {
  WritePart("a.hdf5", 1, 3);
  EXPECT_EQ(Refusal(WriteVirtual("part.hdf5", {{"a.hdf5", "x", Rows(3, 0, 3), Rows(9, 1, 3)}})),
            "3 values of a.hdf5:x in this virtual data set, got 2");
  EXPECT_EQ(Refusal(WriteVirtual("whole.hdf5", {{"a.hdf5", "x", Rows(4, 0, 4), {{4}}}})),
            "4 values of a.hdf5:x in this virtual data set, got 3");
}

TEST(Hdf5SourcesTest, SourceThatGrewIsReadWhereItsRowsAreNamed) {
  WritePart("a.hdf5", 1, 9);
  EXPECT_EQ(ReadX(WriteVirtual("part.hdf5", {{"a.hdf5", "x", Rows(3, 0, 3), Rows(4, 0, 3)}})),
            Numbers(1, 3));
  EXPECT_EQ(Refusal(WriteVirtual("whole.hdf5", {{"a.hdf5", "x", Rows(4, 0, 4), {{4}}}})),
            "4 values of a.hdf5:x in this virtual data set, got 9");
}

TEST(Hdf5SourcesTest, SelectionsOfNoRegularShapeAreWithinTheirSource) {
  WritePart("a.hdf5", 1, 9);
  const std::string path = TemporaryPath("all.hdf5");
  const auto write = [&](hsize_t last) {
    const Hdf5Id file = CreateHdf5File(path), properties(H5Pcreate(H5P_DATASET_CREATE));
    const Hdf5Id to = Places{{3}}.Space(), from = Rows(20, 1, 2).Space();
    const hsize_t one = 1;
    H5Sselect_hyperslab(from.get(), H5S_SELECT_OR, &last, nullptr, &one, nullptr);
    H5Pset_virtual(properties.get(), to.get(), "a.hdf5", "x", from.get());
    Hdf5Id(H5Dcreate2(file.get(), "x", H5T_IEEE_F64LE, to.get(), H5P_DEFAULT, properties.get(),
                      H5P_DEFAULT));
  };
  write(8);
  EXPECT_THAT(ReadX(path), ElementsAre(2, 3, 9));
  write(9);
  EXPECT_EQ(Refusal(path), "3 values of a.hdf5:x in this virtual data set, got 0");
}

TEST(Hdf5SourcesTest, PlacesThatNoSourceGivesAreCounted) {
  WritePart("a.hdf5", 1, 3);
  EXPECT_EQ(Refusal(WriteVirtual("all.hdf5", {{"a.hdf5", "x", Rows(5, 0, 3), {{3}}}})),
            "a source for each of its 5 values in this virtual data set, got one for 3");
}

TEST(Hdf5SourcesTest, SourceThatWasNeverWrittenIsNamed) {
  {
    const Hdf5Id file = CreateHdf5File(TemporaryPath("a.hdf5")), space = Places{{3}}.Space();
    Hdf5Id(H5Dcreate2(file.get(), "x", H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, H5P_DEFAULT,
                      H5P_DEFAULT));
  }
  EXPECT_EQ(
      Refusal(WriteVirtual("all.hdf5", {{"a.hdf5", "x", Rows(3, 0, 3), {{3}}}})),
      "3 values of a.hdf5:x in this virtual data set, got none: nothing was ever written to it");
}

TEST(Hdf5SourcesTest, SourcesMayBeInTheSameFile) {
  const std::string path = TemporaryPath("all.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    WriteArray(file.get(), "part", {3}, "float64", Numbers(1, 3));
    AddVirtual(file, "x", {{".", "part", Rows(3, 0, 3), {{3}}}});
    AddVirtual(file, "y", {{".", "gone", Rows(3, 0, 3), {{3}}}});
  }
  EXPECT_EQ(ReadX(path), Numbers(1, 3));
  EXPECT_THAT(
      [&] { Hdf5File(path).Open("y"); },
      testing::ThrowsMessage<DataError>(HasSubstr(
          ":y: expected 3 values of gone in this virtual data set, got no such array in it")));
}

TEST(Hdf5SourcesTest, VirtualSourcesHaveSourcesThemselves) {
  fs::create_directories(TemporaryPath("parts"));
  WritePart("parts/a.hdf5", 1, 3);
  WriteVirtual("parts/b.hdf5", {{"a.hdf5", "x", Rows(3, 0, 3), {{3}}}});
  const std::string path = WriteVirtual("all.hdf5", {{"parts/b.hdf5", "x", Rows(3, 0, 3), {{3}}}});
  EXPECT_EQ(ReadX(path), Numbers(1, 3));
  fs::remove(TemporaryPath("parts/a.hdf5"));
  EXPECT_EQ(Refusal(path),
            std::string(", source parts/b.hdf5:x3 values of a.hdf5:x in this virtual "
                        "data set") +
                kBeside);
}

TEST(Hdf5SourcesTest, SourcesThatGoInCirclesAreAnError) {
  const std::string path = WriteVirtual("all.hdf5", {{".", "x", Rows(3, 0, 3), {{3}}}});
  EXPECT_THAT(Refusal(path),
              HasSubstr("values of other arrays, got virtual data sets more than 8 deep"));
}

/// Blocks of `rows` rows, one after another without end.
Places Blocks(hsize_t rows) { return {{rows}, {0}, {rows}, {kEndless}, {rows}}; }

TEST(Hdf5SourcesTest, NumberedSourcesEndWithTheLastOne) {
  for (int k = 0; k < 3; ++k) WritePart("a%_" + std::to_string(k) + ".hdf5", 1 + 2 * k, 2);
  const std::string path = WriteVirtual("all.hdf5", {{"a%%_%b.hdf5", "x", Blocks(2), {{2}}}});
  EXPECT_EQ(ReadX(path), Numbers(1, 6));
}

// HDF5 alone would end the array there.
TEST(Hdf5SourcesTest, NumberedSourceThatIsMissingAmongOthersIsNamed) {
  const std::string path = WriteVirtual("all.hdf5", {{"a_%b.hdf5", "x", Blocks(2), {{2}}}});
  const auto missing = [](const std::string& number) {
    return "2 values of a_" + number + ".hdf5:x in this virtual data set" + kBeside;
  };
  EXPECT_EQ(Refusal(path), missing("0"));
  WritePart("a_1.hdf5", 3, 2);
  EXPECT_EQ(Refusal(path), missing("0"));
  WritePart("a_0.hdf5", 1, 2);
  EXPECT_EQ(ReadX(path), Numbers(1, 4));
  WritePart("a_4.hdf5", 9, 2);
  EXPECT_EQ(Refusal(path), missing("2"));
  WritePart("a_2.hdf5", 5, 2);
  EXPECT_EQ(Refusal(path), missing("3"));
  WritePart("a_3.hdf5", 7, 2);
  EXPECT_EQ(ReadX(path), Numbers(1, 10));
  WritePart("a_3.hdf5", 7, 1);
  EXPECT_EQ(Refusal(path), "2 values of a_3.hdf5:x in this virtual data set, got 1");
}

TEST(Hdf5SourcesTest, ArraysOfOneFileMayBeNumbered) {
  {
    const Hdf5Id file = CreateHdf5File(TemporaryPath("a.hdf5"));
    for (const int k : {0, 1, 3}) {
      WriteArray(file.get(), "x" + std::to_string(k), {2}, "float64", Numbers(1 + 2 * k, 2));
    }
  }
  const std::string path = WriteVirtual("all.hdf5", {{"a.hdf5", "x%b", Blocks(2), {{2}}}});
  EXPECT_EQ(Refusal(path),
            "2 values of a.hdf5:x2 in this virtual data set, got no such array in it");
}

/// A file with `x` of rows that can grow.
void WriteGrowing(const std::string& name, double first, size_t rows) {
  const Hdf5Id file = CreateHdf5File(TemporaryPath(name));
  Hdf5Column(file.get(), "x", "float64", {}).Append(Numbers(first, rows));
}

TEST(Hdf5SourcesTest, ArraysGrowWithTheirSources) {
  const Places all = {{1}, {0}, {1}, {1}, {kEndless}};
  const std::string path = WriteVirtual("all.hdf5", {{"a.hdf5", "x", all, all}});
  EXPECT_EQ(Refusal(path), std::string("0 values of a.hdf5:x in this virtual data set") + kBeside);
  for (const size_t rows : {1, 7}) {
    WriteGrowing("a.hdf5", 1, rows);
    EXPECT_EQ(ReadX(path), Numbers(1, rows));
  }
}

// HDF5 alone reads zeros for the rows that the shorter one lacks.
TEST(Hdf5SourcesTest, SourcesThatTakeTurnsEndTogether) {
  const auto turn = [](hsize_t first) { return Places{{1}, {first}, {2}, {kEndless}, {1}}; };
  const Places all = {{1}, {0}, {1}, {1}, {kEndless}};
  const std::string path =
      WriteVirtual("all.hdf5", {{"a.hdf5", "x", turn(0), all}, {"b.hdf5", "x", turn(1), all}});
  WriteGrowing("a.hdf5", 1, 3);
  WriteGrowing("b.hdf5", 11, 2);
  EXPECT_THAT(ReadX(path), ElementsAre(1, 11, 2, 12, 3));
  WriteGrowing("b.hdf5", 11, 1);
  EXPECT_EQ(Refusal(path), "2 values of b.hdf5:x in this virtual data set, got 1");
}

TEST(Hdf5SourcesTest, TablesAreMappedInBothDimensions) {
  {
    const Hdf5Id file = CreateHdf5File(TemporaryPath("a.hdf5"));
    WriteArray(file.get(), "x", {2, 3}, "float64", Numbers(1, 6));
  }
  const Places left = {{2, 5}, {0, 0}, {1, 1}, {1, 1}, {2, 3}};
  const Places right = {{2, 5}, {0, 3}, {1, 1}, {1, 1}, {2, 2}};
  const Places two = {{2, 3}, {0, 0}, {1, 2}, {2, 2}, {1, 1}};  // columns 0 and 2
  const std::string path =
      WriteVirtual("all.hdf5", {{"a.hdf5", "x", left, {{2, 3}}}, {"a.hdf5", "x", right, two}});
  EXPECT_THAT(ReadX(path), ElementsAre(1, 2, 3, 1, 3, 4, 5, 6, 4, 6));
}

TEST(Hdf5SourcesTest, FoldersOfTheVariableComeFirst) {
  fs::create_directories(TemporaryPath("parts"));
  WritePart("parts/a.hdf5", 1, 3);
  const std::string path = WriteVirtual("all.hdf5", {{"a.hdf5", "x", Rows(3, 0, 3), {{3}}}});
  const auto folder = fs::path(TemporaryPath("parts")).string();
  setenv("HDF5_VDS_PREFIX", ("/no/such:" + folder).c_str(), 1);
  EXPECT_EQ(ReadX(path), Numbers(1, 3));
  WritePart("a.hdf5", 11, 3);
  EXPECT_EQ(ReadX(path), Numbers(1, 3));
  unsetenv("HDF5_VDS_PREFIX");
  EXPECT_EQ(ReadX(path), Numbers(11, 3));
}

TEST(Hdf5SourcesTest, AbsoluteSourcesMayMoveTogetherWithTheirFile) {
  WritePart("a.hdf5", 1, 3);
  EXPECT_EQ(ReadX(WriteVirtual("all.hdf5", {{"/old/place/a.hdf5", "x", Rows(3, 0, 3), {{3}}}})),
            Numbers(1, 3));
}

TEST(Hdf5SourcesTest, FilterThatASourceNeedsIsNamedWithItsFile) {
  const WithoutPlugins none;
  const std::string folder = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/hdf5/";
  const Hdf5File file(folder + "virtual_zstandard.hdf5");
  EXPECT_THAT(
      [&] {
        file.Open("observations").Read();
        file.Open("terminals").Read();
      },
      testing::ThrowsMessage<DataError>(
          HasSubstr("expected readable values, got values compressed by Zstandard (filter "
                    "32015), for which HDF5 finds no plug-in")));
  EXPECT_THAT([&] { file.Open("terminals").Read(); },
              testing::ThrowsMessage<DataError>(
                  HasSubstr("h5repack -f GZIP=4 " + folder + "zstandard.hdf5 OUT")));
}

/// A file whose `x`, (5,) float64, lies in two others: 2 numbers behind 8 bytes, and the rest.
std::string WriteExternal(const std::string& first, const std::string& second) {
  const std::string path = TemporaryPath("external.hdf5");
  const Hdf5Id file = CreateHdf5File(path), properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_external(properties.get(), first.c_str(), 8, 16);
  H5Pset_external(properties.get(), second.c_str(), 0, H5F_UNLIMITED);
  const Hdf5Id space = Places{{5}}.Space();
  Hdf5Id(H5Dcreate2(file.get(), "x", H5T_IEEE_F64LE, space.get(), H5P_DEFAULT, properties.get(),
                    H5P_DEFAULT));
  return path;
}

void WriteNumbers(const std::string& path, double first, size_t count) {
  const std::vector<double> numbers = Numbers(first, count);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(numbers.data()),
             static_cast<std::streamsize>(count * sizeof(double)));
}

// HDF5 reads zeros where an external file ends too early.
TEST(Hdf5SourcesTest, ExternalFilesAreThereAndLongEnough) {
  const std::string first = TemporaryPath("first.raw"), second = TemporaryPath("second.raw");
  const std::string path = WriteExternal(first, second);
  constexpr char kVariable[] = ": HDF5_EXTFILE_PREFIX names its folder ('${ORIGIN}': this file's)";
  EXPECT_EQ(Refusal(path), "16 bytes at 8 of the external file " + first +
                               ", got none: there is no such file" + kVariable);
  WriteNumbers(first, 0, 3);
  EXPECT_EQ(Refusal(path), "24 bytes at 0 of the external file " + second +
                               ", got none: there is no such file" + kVariable);
  WriteNumbers(second, 3, 2);
  EXPECT_EQ(Refusal(path),
            "24 bytes at 0 of the external file " + second + ", got one of 16 bytes");
  WriteNumbers(second, 3, 4);
  EXPECT_EQ(ReadX(path), Numbers(1, 5));
  EXPECT_TRUE(Hdf5File(path).Open("x").info().is_allocated);
  WriteNumbers(first, 0, 2);
  EXPECT_EQ(Refusal(path), "16 bytes at 8 of the external file " + first + ", got one of 16 bytes");
}

TEST(Hdf5SourcesTest, FilesThatValuesLieInAreListed) {
  const auto others = [](const std::string& path) {
    std::vector<std::string> names;
    for (const std::string& other : OtherFilesOf(path, [] {})) {
      EXPECT_TRUE(fs::path(other).is_absolute());
      names.push_back(fs::path(other).filename());
    }
    return names;
  };
  // Alone, and what is no HDF5 file.
  WritePart("a.hdf5", 0, 3);
  EXPECT_THAT(others(TemporaryPath("a.hdf5")), testing::IsEmpty());
  WriteNumbers(TemporaryPath("text"), 0, 1);
  EXPECT_THAT(others(TemporaryPath("text")), testing::IsEmpty());
  EXPECT_THAT(others(TemporaryPath("none")), testing::IsEmpty());
  // Sources, and sources of these; one that is missing is listed when it is there.
  const std::string half = WriteVirtual("half.hdf5", {{"a.hdf5", "x", {{3}}, {{3}}}});
  const std::string whole = WriteVirtual("whole.hdf5", {{"half.hdf5", "x", Rows(6, 0, 3), {{3}}},
                                                        {"b.hdf5", "x", Rows(6, 3, 3), {{3}}}});
  EXPECT_THAT(others(half), ElementsAre("a.hdf5"));
  EXPECT_THAT(others(whole), ElementsAre("a.hdf5", "half.hdf5"));
  WritePart("b.hdf5", 3, 3);
  EXPECT_THAT(others(whole), ElementsAre("a.hdf5", "b.hdf5", "half.hdf5"));
  // Those that go in circles end.
  const std::string circle = WriteVirtual("circle.hdf5", {{"circle.hdf5", "x", {{3}}, {{3}}}});
  EXPECT_THAT(others(circle), ElementsAre("circle.hdf5"));
  // Slices of files, and targets of links in any group.
  const std::string first = TemporaryPath("first.raw"), second = TemporaryPath("second.raw");
  WriteNumbers(first, 0, 3);
  EXPECT_THAT(others(WriteExternal(first, second)), ElementsAre("first.raw"));
  WriteNumbers(second, 3, 3);
  EXPECT_THAT(others(WriteExternal(first, second)), ElementsAre("first.raw", "second.raw"));
  const std::string linked = TemporaryPath("linked.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(linked), group = MakeGroup(file.get(), "deep/er");
    ASSERT_GE(H5Lcreate_external("whole.hdf5", "x", group.get(), "x", H5P_DEFAULT, H5P_DEFAULT), 0);
  }
  EXPECT_THAT(others(linked), ElementsAre("a.hdf5", "b.hdf5", "half.hdf5", "whole.hdf5"));
}

TEST(Hdf5SourcesTest, NumberedFilesAreListedAsManyAsThereAre) {
  const Places blocks = {{6}, {0}, {3}, {kEndless}, {3}};
  WritePart("part_0.hdf5", 0, 3);
  const std::string path = WriteVirtual("numbered.hdf5", {{"part_%b.hdf5", "x", blocks, {{3}}}});
  const auto count = [&] { return OtherFilesOf(path, [] {}).size(); };
  EXPECT_EQ(count(), 1U);
  WritePart("part_1.hdf5", 3, 3);
  EXPECT_EQ(count(), 2U);
  // One that comes back later belongs to them, too.
  WritePart("part_5.hdf5", 15, 3);
  EXPECT_EQ(count(), 3U);
}

TEST(Hdf5SourcesTest, ArraysWithoutValuesAreToldFromThoseWithSome) {
  for (const hsize_t block : {0, 512}) {
    const std::string path = TemporaryPath("own.hdf5");
    {
      const Hdf5Id place(H5Pcreate(H5P_FILE_CREATE)), properties(H5Pcreate(H5P_DATASET_CREATE));
      H5Pset_userblock(place.get(), block);
      const Hdf5Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, place.get(), H5P_DEFAULT));
      const Hdf5Id space = Places{{3}}.Space();
      const hsize_t chunk = 2;
      const auto create = [&](const char* name) {
        return Hdf5Id(H5Dcreate2(file.get(), name, H5T_IEEE_F64LE, space.get(), H5P_DEFAULT,
                                 properties.get(), H5P_DEFAULT));
      };
      WriteArray(file.get(), "written", {3}, "float64", Numbers(1, 3));
      create("declared");
      H5Pset_layout(properties.get(), H5D_COMPACT);
      create("compact");
      H5Pset_chunk(properties.get(), 1, &chunk);
      create("declared_chunks");
      const Hdf5Id chunks = create("chunks");
      const std::vector<double> numbers = Numbers(1, 3);
      H5Dwrite(chunks.get(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, numbers.data());
    }
    const Hdf5File file(path);
    for (const char* name : {"written", "chunks", "compact"}) {
      EXPECT_TRUE(file.Open(name).info().is_allocated) << name << " " << block;
    }
    for (const char* name : {"declared", "declared_chunks"}) {
      EXPECT_FALSE(file.Open(name).info().is_allocated) << name << " " << block;
    }
  }
}

}  // namespace
}  // namespace longplay
