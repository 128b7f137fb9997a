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

/// The attribute `name` of the root, with these bytes.
void WriteRaw(hid_t file, const std::string& name, hid_t type, const std::vector<hsize_t>& size,
              const void* from) {
  const auto rank = static_cast<int>(size.size());
  const Hdf5Id space(rank == 0 ? H5Screate(H5S_SCALAR)
                               : H5Screate_simple(rank, size.data(), nullptr));
  const Hdf5Id attribute(
      H5Acreate2(file, name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT));
  ASSERT_GE(H5Awrite(attribute.get(), type, from), 0);
}

/// Texts of this many bytes, or of any.
Hdf5Id Text(size_t size, H5T_str_t padding = H5T_STR_NULLTERM, H5T_cset_t set = H5T_CSET_ASCII) {
  Hdf5Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), size);
  H5Tset_strpad(type.get(), padding);
  H5Tset_cset(type.get(), set);
  return type;
}

/// Lists of this shape.
Hdf5Id List(const Hdf5Id& of, const std::vector<hsize_t>& size) {
  return Hdf5Id(H5Tarray_create2(of.get(), static_cast<unsigned>(size.size()), size.data()));
}

// Once the texts after the first were written beyond the room for it.
TEST(Hdf5FileTest, ListOfStringsAttributeIsNoString) {
  const std::string path = TemporaryPath("attributes.hdf5");
  const std::vector<const char*> many(1000, "abc");
  std::string fixed;
  for (const char* text : many) fixed += std::string(text) + '\0';
  {
    const Hdf5Id file = CreateHdf5File(path), any = Text(H5T_VARIABLE), four = Text(4);
    WriteRaw(file.get(), "fixed_list", four.get(), {1000}, fixed.data());
    WriteRaw(file.get(), "fixed_table", four.get(), {10, 100}, fixed.data());
    WriteRaw(file.get(), "list", any.get(), {3}, many.data());
    WriteRaw(file.get(), "typed_list", List(any, {1000}).get(), {}, many.data());
    WriteRaw(file.get(), "fixed_typed_list", List(four, {1, 1000}).get(), {}, fixed.data());
    WriteRaw(file.get(), "list_of_lists", List(List(four, {1}), {7}).get(), {1}, fixed.data());
  }
  const Hdf5File file(path);
  for (const char* name :
       {"fixed_list", "fixed_table", "list", "typed_list", "fixed_typed_list", "list_of_lists"}) {
    EXPECT_EQ(file.StringAttribute("/", name), std::nullopt) << name;
  }
}

TEST(Hdf5FileTest, ListOfOneElementCountsAsThatElement) {
  const std::string path = TemporaryPath("attributes.hdf5");
  const char* text = "abc";
  const int32_t seven = 7;
  {
    const Hdf5Id file = CreateHdf5File(path), any = Text(H5T_VARIABLE), four = Text(4);
    const Hdf5Id number(H5Tcopy(H5T_NATIVE_INT32));
    WriteRaw(file.get(), "fixed", four.get(), {1}, "abc");
    WriteRaw(file.get(), "fixed_table", four.get(), {1, 1}, "abc");
    WriteRaw(file.get(), "fixed_typed", List(four, {1}).get(), {}, "abc");
    WriteRaw(file.get(), "fixed_typed_list", List(List(four, {1, 1}), {1}).get(), {1}, "abc");
    WriteRaw(file.get(), "any", any.get(), {1}, &text);
    WriteRaw(file.get(), "any_typed", List(any, {1}).get(), {}, &text);
    WriteRaw(file.get(), "number", number.get(), {1, 1, 1}, &seven);
    WriteRaw(file.get(), "number_typed", List(List(number, {1}), {1, 1}).get(), {1}, &seven);
  }
  const Hdf5File file(path);
  for (const char* name :
       {"fixed", "fixed_table", "fixed_typed", "fixed_typed_list", "any", "any_typed"}) {
    EXPECT_EQ(file.StringAttribute("/", name), "abc") << name;
    EXPECT_EQ(file.NumberAttribute("/", name), std::nullopt) << name;
    EXPECT_EQ(file.WholeAttribute("/", name), std::nullopt) << name;
  }
  for (const char* name : {"number", "number_typed"}) {
    EXPECT_EQ(file.NumberAttribute("/", name), 7) << name;
    EXPECT_EQ(file.WholeAttribute("/", name), 7) << name;
    EXPECT_EQ(file.StringAttribute("/", name), std::nullopt) << name;
  }
}

TEST(Hdf5FileTest, TextAttributesEndWhereTheirPaddingBegins) {
  const std::string path = TemporaryPath("attributes.hdf5");
  const char *umlaut = "H\xc3\xbcpfer", *none = nullptr;
  {
    const Hdf5Id file = CreateHdf5File(path);
    const Hdf5Id spaces = Text(6, H5T_STR_SPACEPAD), zeros = Text(6, H5T_STR_NULLPAD);
    WriteRaw(file.get(), "spaces", spaces.get(), {}, "a b   ");
    WriteRaw(file.get(), "only_spaces", spaces.get(), {}, "      ");
    WriteRaw(file.get(), "zeros", zeros.get(), {}, "abc\0\0\0");
    WriteRaw(file.get(), "full", zeros.get(), {}, "abcdef");
    WriteRaw(file.get(), "kept", zeros.get(), {}, "ab  \0\0");
    WriteRaw(file.get(), "utf8", Text(7, H5T_STR_NULLPAD, H5T_CSET_UTF8).get(), {}, umlaut);
    WriteRaw(file.get(), "any_utf8", Text(H5T_VARIABLE, H5T_STR_NULLTERM, H5T_CSET_UTF8).get(), {},
             &umlaut);
    WriteRaw(file.get(), "unset", Text(H5T_VARIABLE).get(), {}, &none);
  }
  const Hdf5File file(path);
  EXPECT_EQ(file.StringAttribute("/", "spaces"), "a b");
  EXPECT_EQ(file.StringAttribute("/", "only_spaces"), "");
  EXPECT_EQ(file.StringAttribute("/", "zeros"), "abc");
  EXPECT_EQ(file.StringAttribute("/", "full"), "abcdef");
  EXPECT_EQ(file.StringAttribute("/", "kept"), "ab  ");
  EXPECT_EQ(file.StringAttribute("/", "utf8"), umlaut);
  EXPECT_EQ(file.StringAttribute("/", "any_utf8"), umlaut);
  EXPECT_EQ(file.StringAttribute("/", "unset"), std::nullopt);
}

TEST(Hdf5FileTest, AttributesOfOtherTypesAreUnknown) {
  const std::string path = TemporaryPath("attributes.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    WriteAttribute(file.get(), "text", std::string("def"));
    WriteAttribute(file.get(), "number", 7.5);
    hobj_ref_t reference = 0;
    H5Rcreate(&reference, file.get(), "/", H5R_OBJECT, -1);
    WriteRaw(file.get(), "reference", H5T_STD_REF_OBJ, {}, &reference);
    const Hdf5Id sequence(H5Tvlen_create(H5T_NATIVE_INT32));
    int32_t numbers[2] = {1, 2};
    const hvl_t values = {2, numbers};
    WriteRaw(file.get(), "sequence", sequence.get(), {}, &values);
    const Hdf5Id opaque(H5Tcreate(H5T_OPAQUE, 4)), pair(H5Tcreate(H5T_COMPOUND, 8));
    H5Tinsert(pair.get(), "a", 0, H5T_NATIVE_INT32);
    H5Tinsert(pair.get(), "b", 4, H5T_NATIVE_INT32);
    WriteRaw(file.get(), "opaque", opaque.get(), {}, numbers);
    WriteRaw(file.get(), "pair", pair.get(), {}, numbers);
    const Hdf5Id none(H5Screate(H5S_NULL));
    const Hdf5Id empty(
        H5Acreate2(file.get(), "empty", H5T_C_S1, none.get(), H5P_DEFAULT, H5P_DEFAULT));
    const Hdf5Id empty_number(
        H5Acreate2(file.get(), "empty_number", H5T_STD_I8LE, none.get(), H5P_DEFAULT, H5P_DEFAULT));
  }
  const Hdf5File file(path);
  for (const char* name :
       {"reference", "sequence", "opaque", "pair", "empty", "empty_number", "none"}) {
    EXPECT_EQ(file.StringAttribute("/", name), std::nullopt) << name;
    EXPECT_EQ(file.NumberAttribute("/", name), std::nullopt) << name;
    EXPECT_EQ(file.WholeAttribute("/", name), std::nullopt) << name;
  }
  EXPECT_EQ(file.StringAttribute("no/such/group", "none"), std::nullopt);
  EXPECT_EQ(file.StringAttribute("/", "number"), std::nullopt);
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
  EXPECT_EQ(Refusal([&] { file.StringAttribute("part", "name"); }),
            part + "a readable attribute" + external);
}

// HDF5 1.10 alone: "address of object past end of allocation".
TEST(Hdf5FileTest, LinksIntoOtherFilesAreFollowed) {
  const std::string path = TemporaryPath("links.hdf5"), other = TemporaryPath("other.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path), part = CreateHdf5File(other);
    const Hdf5Id group = MakeGroup(part.get(), "group/below");
    WriteArray(group.get(), "array", {1}, "float32", std::vector<double>{7});
    WriteAttribute(group.get(), "number", 5.0);
    H5Lcreate_external("other.hdf5", "/group", file.get(), "link", H5P_DEFAULT, H5P_DEFAULT);
  }
  const Hdf5File file(path);
  EXPECT_TRUE(file.Exists("link/below/array") && file.IsGroup("link/below"));
  EXPECT_FALSE(file.Exists("link/none"));
  EXPECT_THAT(file.Children("link"), ElementsAre("below"));
  EXPECT_THAT(file.Open("link/below/array").Read(), ElementsAre(7));
  EXPECT_EQ(file.NumberAttribute("link/below", "number"), 5);
  EXPECT_EQ(file.NumberAttribute("link/below", "none"), std::nullopt);
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

}  // namespace
}  // namespace longplay
