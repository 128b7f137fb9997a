// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Refusal(const std::function<void()>& read) {
  try {
    read();
  } catch (const DataError& error) {
    return error.what();
  }
  return "read";
}

/// A file with the array `values` of an enum over `base`, whose rows are these bytes.
std::string WriteEnum(hid_t base, const std::vector<uint8_t>& bytes) {
  const std::string path = TemporaryPath("enum.hdf5");
  const Hdf5Id file = CreateHdf5File(path);
  const Hdf5Id type(H5Tenum_create(base));
  const size_t size = H5Tget_size(base);
  const hsize_t rows = bytes.size() / size;
  for (hsize_t row = 0; row < rows; ++row) {  // a member that is there already is refused
    H5Tenum_insert(type.get(), ("M" + std::to_string(row)).c_str(), bytes.data() + row * size);
  }
  const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
  const Hdf5Id array(H5Dcreate2(file.get(), "values", type.get(), space.get(), H5P_DEFAULT,
                                H5P_DEFAULT, H5P_DEFAULT));
  EXPECT_GE(H5Dwrite(array.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), 0);
  return path;
}

struct EnumCase {
  hid_t base;
  std::vector<uint8_t> bytes;
  std::string type;
  std::vector<double> values;
};

// Once only the lowest byte was kept.
TEST(Hdf5FileTest, EnumsAreReadAsTheIntegersThatTheyAreStoredAs) {
  const std::vector<EnumCase> cases = {
      {H5T_STD_I16LE, {0x2c, 0x01, 0xfe, 0xff, 0, 0}, "int16", {300, -2, 0}},
      {H5T_STD_I32BE, {0, 0, 1, 0x2c, 0xff, 0xff, 0xff, 0xfe}, "int32", {300, -2}},
      {H5T_STD_U8LE, {1, 0, 1, 1}, "bool", {1, 0, 1, 1}},
      {H5T_STD_I8LE, {1, 0, 1, 1}, "bool", {1, 0, 1, 1}},
      {H5T_STD_I8LE, {0xff, 0x80, 0x7f}, "int8", {-1, -128, 127}},
      {H5T_STD_U8BE, {0xff, 0x80, 0x7f}, "uint8", {255, 128, 127}},
      {H5T_STD_U16BE, {0x01, 0x2c, 0xff, 0xff}, "uint16", {300, 65535}},
      {H5T_STD_U32LE, {0xfe, 0xff, 0xff, 0xff}, "uint32", {4294967294}},
      {H5T_STD_I64BE, {0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "int64", {-0x1p56, 1}},
      {H5T_STD_U64LE, {0, 0, 0, 0, 0, 0, 0, 0x80, 2, 0, 0, 0, 0, 0, 0, 0}, "uint64", {0x1p63, 2}},
  };
  for (const EnumCase& expected : cases) {
    const Hdf5Array array = Hdf5File(WriteEnum(expected.base, expected.bytes)).Open("values");
    EXPECT_EQ(array.Read(), expected.values) << expected.type;
    EXPECT_EQ(array.Read(array.rows() - 1, 1), std::vector{expected.values.back()});
    EXPECT_EQ(array.info().type, expected.type);
    EXPECT_TRUE(array.info().is_integer && array.info().is_enum);
  }
}

TEST(Hdf5FileTest, EnumsOfOddSizesAreRead) {
  const Hdf5Id three(H5Tcopy(H5T_STD_I32LE)), sixteen(H5Tcopy(H5T_STD_I64LE));
  H5Tset_size(three.get(), 3);
  H5Tset_size(sixteen.get(), 16);
  EXPECT_THAT(
      Hdf5File(WriteEnum(three.get(), {0x2c, 1, 0, 0xfe, 0xff, 0xff})).Open("values").Read(),
      ElementsAre(300, -2));
  std::vector<uint8_t> bytes(32, 0);
  bytes[1] = 1;
  bytes[16] = 7;
  EXPECT_THAT(Hdf5File(WriteEnum(sixteen.get(), bytes)).Open("values").Read(), ElementsAre(256, 7));
}

TEST(Hdf5FileTest, ArraysWithoutNumbersAreReadAsNone) {
  const std::string path = TemporaryPath("none.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    WriteArray(file.get(), "none", {3, 0}, "float32", {});
    WriteArray(file.get(), "flags", {0}, "bool", {});
  }
  EXPECT_TRUE(Hdf5File(path).Open("none").Read().empty());
  EXPECT_TRUE(Hdf5File(path).Open("flags").Read().empty());
}

/// The attribute `name` of the root: texts of one length, or of any.
void WriteTexts(hid_t file, const std::string& name, const std::vector<const char*>& texts,
                size_t size) {
  const Hdf5Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), size);
  const hsize_t count = texts.size();
  const Hdf5Id space(H5Screate_simple(1, &count, nullptr));
  const Hdf5Id attribute(
      H5Acreate2(file, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
  std::string fixed;
  for (const char* text : texts) fixed += std::string(text).substr(0, 3) + '\0';
  const void* from = texts.data();
  if (size != H5T_VARIABLE) from = fixed.data();
  ASSERT_GE(H5Awrite(attribute.get(), type.get(), from), 0);
}

// Once the texts after the first were written beyond the room for it.
TEST(Hdf5FileTest, ListOfStringsAttributeIsNoString) {
  const std::string path = TemporaryPath("attributes.hdf5");
  const std::vector<const char*> many(1000, "abc");
  {
    const Hdf5Id file = CreateHdf5File(path);
    WriteTexts(file.get(), "fixed_list", many, 4);
    WriteTexts(file.get(), "list", {many.begin(), many.begin() + 3}, H5T_VARIABLE);
    WriteTexts(file.get(), "fixed_one", {"abc"}, 4);
    WriteTexts(file.get(), "one", {"abc"}, H5T_VARIABLE);
    WriteAttribute(file.get(), "text", std::string("def"));
    WriteAttribute(file.get(), "number", 7.5);
    const Hdf5Id none(H5Screate(H5S_NULL)), type(H5Tcopy(H5T_C_S1));
    const Hdf5Id empty(
        H5Acreate2(file.get(), "empty", type.get(), none.get(), H5P_DEFAULT, H5P_DEFAULT));
  }
  const Hdf5File file(path);
  EXPECT_EQ(file.StringAttribute("/", "fixed_list"), std::nullopt);
  EXPECT_EQ(file.StringAttribute("/", "list"), std::nullopt);
  EXPECT_EQ(file.StringAttribute("/", "empty"), std::nullopt);
  EXPECT_EQ(file.StringAttribute("/", "number"), std::nullopt);
  EXPECT_EQ(file.StringAttribute("/", "none"), std::nullopt);
  EXPECT_EQ(file.StringAttribute("no/such/group", "none"), std::nullopt);
  EXPECT_EQ(file.StringAttribute("/", "fixed_one"), "abc");
  EXPECT_EQ(file.StringAttribute("/", "one"), "abc");
  EXPECT_EQ(file.StringAttribute("/", "text"), "def");
  EXPECT_EQ(file.NumberAttribute("/", "text"), std::nullopt);
  EXPECT_EQ(file.NumberAttribute("/", "number"), 7.5);
  EXPECT_EQ(file.WholeAttribute("/", "number"), std::nullopt);
}

TEST(Hdf5FileTest, NothingIsBelowArrays) {
  const std::string path = TemporaryPath("groups.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    WriteArray(file.get(), "array", {1}, "float32", std::vector<double>{1});
    MakeGroup(file.get(), "group");
  }
  const Hdf5File file(path);
  EXPECT_TRUE(file.Exists("array"));
  for (const char* name : {"array/below", "group/below", "none/below/it"}) {
    EXPECT_FALSE(file.Exists(name)) << name;
  }
  EXPECT_TRUE(file.IsGroup("group") && file.IsGroup("/"));
  EXPECT_FALSE(file.IsGroup("array") || file.IsGroup("none"));
}

// Once what lay beyond it was taken for absent.
TEST(Hdf5FileTest, LinkThatLeadsNowhereIsNamedByWhoeverGoesThroughIt) {
  const std::string path = TemporaryPath("links.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    H5Lcreate_soft("/gone", file.get(), "link", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("part.hdf5", "/x", file.get(), "part", H5P_DEFAULT, H5P_DEFAULT);
  }
  const Hdf5File file(path);
  EXPECT_TRUE(file.Exists("link") && file.Exists("part"));
  const std::string link = "reading data: " + path + ":link: expected ";
  const std::string part = "reading data: " + path + ":part: expected ";
  const std::string soft = ", got a dangling link to /gone";
  const std::string external = ", got a dangling link to part.hdf5:/x (no such file)";
  const std::string object = "a readable array or group";
  EXPECT_EQ(Refusal([&] { file.Open("link"); }), link + "an array" + soft);
  EXPECT_EQ(Refusal([&] { file.Open("part"); }), part + "an array" + external);
  EXPECT_EQ(Refusal([&] { file.OpenForPieces("part/array"); }), part + "an array" + external);
  EXPECT_EQ(Refusal([&] { file.Exists("link/below"); }), link + object + soft);
  EXPECT_EQ(Refusal([&] { file.IsGroup("link"); }), link + object + soft);
  EXPECT_EQ(Refusal([&] { file.IsGroup("part/group"); }), part + object + external);
  EXPECT_EQ(Refusal([&] { file.Children("part"); }), part + "a group" + external);
}

/// A sound file with the array `group/array`; its bytes.
std::string SoundBytes(const std::string& path) {
  {
    const Hdf5Id file = CreateHdf5File(path);
    const Hdf5Id group = MakeGroup(file.get(), "group");
    WriteArray(group.get(), "array", {2}, "float32", std::vector<double>{1, 2});
  }
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

TEST(Hdf5FileTest, DamagedGroupIsAnErrorAndNotAnAbsence) {
  const std::string path = TemporaryPath("damaged_group.hdf5");
  std::string bytes = SoundBytes(path);
  bytes.replace(bytes.rfind("HEAP"), 4, "LEAP");  // the names in `group`
  std::ofstream(path, std::ios::binary) << bytes;
  const Hdf5File file(path);
  EXPECT_EQ(Refusal([&] { file.Exists("group/array"); }),
            "reading data: " + path +
                ":group/array: expected a readable array or group, got an error of HDF5: bad local "
                "heap signature");
  EXPECT_THAT(Refusal([&] { file.Children("group"); }), HasSubstr("bad local heap signature"));
}

TEST(Hdf5FileTest, TruncatedFileSaysHowLongItIs) {
  const std::string path = TemporaryPath("truncated.hdf5");
  const std::string bytes = SoundBytes(path);
  std::ofstream(path, std::ios::binary) << bytes.substr(0, 1000);
  EXPECT_THAT(Refusal([&] { Hdf5File file(path); }),
              HasSubstr(path + ": expected an HDF5 file, got an error of HDF5: truncated file: "
                               "eof = 1000, "));
}

TEST(Hdf5FileTest, FilterThatIsNotThereIsNamed) {
  const std::string path = TemporaryPath("filtered.hdf5");
  constexpr H5Z_filter_t kNumber = 300;  // from 256 on: for tests
  constexpr auto kKeep = [](unsigned, size_t, const unsigned*, size_t bytes, size_t*, void**) {
    return bytes;
  };
  const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, kNumber, 1, 1, "keep", nullptr, nullptr, kKeep};
  ASSERT_GE(H5Zregister(&filter), 0);
  {
    const Hdf5Id file = CreateHdf5File(path), properties(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t rows = 2;
    const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
    H5Pset_chunk(properties.get(), 1, &rows);
    H5Pset_filter(properties.get(), kNumber, 0, 0, nullptr);
    const Hdf5Id array(H5Dcreate2(file.get(), "array", H5T_NATIVE_FLOAT, space.get(), H5P_DEFAULT,
                                  properties.get(), H5P_DEFAULT));
    const float values[2] = {1, 2};
    H5Dwrite(array.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
  }
  ASSERT_GE(H5Zunregister(kNumber), 0);
  EXPECT_EQ(Refusal([&] { Hdf5File(path).Open("array").Read(); }),
            "reading data: " + path +
                ":array: expected readable values, got an error of HDF5: required filter 'keep' is "
                "not registered");
}

}  // namespace
}  // namespace longplay
