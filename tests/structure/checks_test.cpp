// SPDX-License-Identifier: MIT
// The checks find what is wrong with a tree of a few lines.
#include "tests/structure/checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/temporary_folder.h"

namespace longplay::structure {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kRooms = R"({
  "limits": {"room": 3, "top": 2},
  "folders": {
    "data": {"uses": [], "floors": [{".": ""}, {"files": ""}, {"csv": "", "json": ""}]},
    "net": {"uses": [], "floors": [{".": ""}]},
    "play": {"uses": ["data", "net"], "floors": [{".": ""}]}
  },
  "externals": {
    "torch": {"headers": ["torch/", "ATen/"], "places": {"net": "tensors",
              "play": "through net"}},
    "hdf5": {"headers": ["hdf5"], "places": {"data/files": "the one edge"}}
  },
  "larger": {}, "other_tests": {}, "circles": [["net/a", "net/b"]]
})";

/// A tree without a problem, in a folder of its own.
class ChecksTest : public testing::Test {
 protected:
  ChecksTest() {
    std::filesystem::remove_all(root_);
    Write("data/row.h", "");
    Write("data/files/file.h", "#include <vector>\n");
    Write("data/files/file.cpp", "#include <hdf5.h>\n#include \"data/files/file.h\"\n");
    Write("data/csv/reader.h", "#include \"data/files/file.h\"\n#include \"data/row.h\"\n");
    Write("data/json/reader.h", "#include \"data/row.h\"\n");
    Write("net/a.h", "#include <torch/types.h>\n");
    Write("net/a.cpp", "#include \"net/a.h\"\n#include \"net/b.h\"\n");
    Write("net/b.h", "#include \"net/a.h\"\n");
    Write("play/play.cpp", "#include \"data/csv/reader.h\"\n#include \"net/a.h\"\n");
    Write("tests/data/csv/reader_test.cpp", "#include \"data/csv/reader.h\"\n");
    std::ofstream(root_ / "rooms.json") << kRooms;
  }
  ~ChecksTest() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << "// SPDX-License-Identifier: MIT\n" << text;
  }

  Problems Of(Problems (*check)(const IncludeGraph&, const Rooms&)) const {
    return check(Graph(), Rooms::Read(root_ / "rooms.json"));
  }
  Problems OfRooms() const {
    return RoomProblems(root_, Graph(), Rooms::Read(root_ / "rooms.json"));
  }

  IncludeGraph Graph() const { return {root_, {"data", "net", "play", "tests"}}; }

  std::filesystem::path root_ = TemporaryPath("tree");
};

TEST_F(ChecksTest, ATreeAsDeclaredHasNoProblem) {
  EXPECT_THAT(OfRooms(), IsEmpty());
  EXPECT_THAT(Of(ArrowProblems), IsEmpty());
  EXPECT_THAT(Of(ExternalProblems), IsEmpty());
  EXPECT_THAT(Of(CircleProblems), IsEmpty());
  EXPECT_THAT(Of(MirrorProblems), IsEmpty());
  EXPECT_THAT(LicenceProblems(root_, {"data", "net"}), IsEmpty());
}

TEST_F(ChecksTest, AnArrowUpIsFound) {
  Write("data/files/file.h", "#include \"data/csv/reader.h\"\n");
  EXPECT_THAT(Of(ArrowProblems), ElementsAre("data/files/file.h: must not include data/csv/reader.h"
                                             ": data/csv stands above data/files"));
}

TEST_F(ChecksTest, AnArrowSidewaysIsFound) {
  Write("data/json/reader.h", "#include \"data/csv/reader.h\"\n");
  EXPECT_THAT(Of(ArrowProblems),
              ElementsAre("data/json/reader.h: must not include data/csv/reader.h: data/csv stands "
                          "beside data/json"));
}

TEST_F(ChecksTest, AFolderThatMustNotBeUsedIsFound) {
  Write("net/b.h", "#include \"data/row.h\"\n");
  EXPECT_THAT(Of(ArrowProblems),
              ElementsAre("net/b.h: must not include data/row.h: net does not use data"));
}

TEST_F(ChecksTest, AnIncludeOfNothingIsFound) {
  Write("net/b.h", "#include \"net/c.h\"\n");
  EXPECT_THAT(Of(ArrowProblems), ElementsAre("net/b.h: net/c.h is not there"));
}

TEST_F(ChecksTest, ALibraryIsFoundBehindHeaders) {
  Write("data/row.h", "  #  include <ATen/Tensor.h>\n");
  EXPECT_THAT(Of(ExternalProblems),
              ElementsAre("data/csv/reader.h: must not see torch, which data/row.h includes "
                          "(ATen/Tensor.h)",
                          "data/json/reader.h: must not see torch, which data/row.h includes "
                          "(ATen/Tensor.h)",
                          "data/row.h: must not see torch, which data/row.h includes "
                          "(ATen/Tensor.h)"));
}

TEST_F(ChecksTest, ALibraryThatIsNotDeclaredIsFound) {
  Write("net/b.h", "#include <Eigen/Dense>\n");
  EXPECT_THAT(Of(ExternalProblems),
              ElementsAre("net/b.h: Eigen/Dense is neither ours nor an external of rooms.json"));
}

TEST_F(ChecksTest, ANewCircleAndOneThatIsGoneAreFound) {
  Write("net/b.h", "");
  Write("play/play.h", "#include \"play/other.h\"\n");
  Write("play/other.h", "");
  Write("play/other_json.cpp",
        "// The part of play/other.h that prints.\n#include \"play/play.h\"\n");
  EXPECT_THAT(Of(CircleProblems), ElementsAre("a new circle: play/other play/play",
                                              "gone, strike it from rooms.json: net/a net/b"));
}

TEST_F(ChecksTest, FilesWithoutARoomAndLargeRoomsAreFound) {
  Write("data/pickle/reader.h", "");
  for (const char* name : {"a", "b"}) Write(std::string("data/csv/") + name + ".h", "");
  for (const char* name : {"a", "b"}) Write(std::string("data/") + name + ".h", "");
  Write("data/csv/c.h", "");
  EXPECT_THAT(OfRooms(), ElementsAre("data/pickle/reader.h: data/pickle is no declared room",
                                     "data: at most 2 files at its top, got 3",
                                     "data/csv: 4 files, at most 3 fit a room"));
}

TEST_F(ChecksTest, AnEmptyRoomIsFound) {
  std::filesystem::remove_all(root_ / "data/json");
  EXPECT_THAT(OfRooms(), ElementsAre("data: room json is declared and empty"));
}

TEST_F(ChecksTest, ATestOfNoUnitIsFound) {
  Write("tests/data/files/reader_test.cpp", "");
  EXPECT_THAT(Of(MirrorProblems),
              ElementsAre("tests/data/files/reader_test.cpp: data/files/reader is no unit"));
}

TEST_F(ChecksTest, APublicHeaderThatShowsAPrivateOneIsFound) {
  const std::string page = "`data/csv/reader.h` `data/row.h`";
  EXPECT_THAT(PublicHeaderProblems(Graph(), {"data/csv/reader.h", "data/row.h"}, page),
              ElementsAre("data/csv/reader.h: public, must not include data/files/file.h, which is "
                          "private"));
  EXPECT_THAT(PublicHeaderProblems(Graph(), {"data/row.h"}, page), IsEmpty());
}

TEST_F(ChecksTest, APublicHeaderThatIsNotThereOrNotDescribedIsFound) {
  EXPECT_THAT(PublicHeaderProblems(Graph(), {"data/row.h", "data/gone.h"}, ""),
              ElementsAre("public headers: expected a sorted list",
                          "data/row.h: public and not in docs/reference/cpp.md",
                          "data/gone.h: public and not there"));
  const std::vector<std::string> many(27, "data/row.h");
  EXPECT_THAT(PublicHeaderProblems(Graph(), many, "`data/row.h`"),
              ElementsAre("public headers: at most 26, got 27"));
}

TEST_F(ChecksTest, PublicHeadersAreReadFromCMake) {
  std::ofstream(root_ / "list.cmake")
      << "# set(OTHER a.h)\nset(LONGPLAY_PUBLIC_HEADERS\n  data/a.h\n  data/b.h\n)\nset(x y)\n";
  EXPECT_THAT(ReadPublicHeaders(root_ / "list.cmake"), ElementsAre("data/a.h", "data/b.h"));
  EXPECT_THROW(ReadPublicHeaders(root_ / "none.cmake"), std::runtime_error);
}

TEST_F(ChecksTest, ARoomThatThePlanDoesNotNameIsFound) {
  const Rooms rooms = Rooms::Read(root_ / "rooms.json");
  const std::string page =
      "`data/none`\n| room | what |\n|---|---|\n| `data/csv`, `data/json` | x |\n";
  EXPECT_THAT(RoomTableProblems(rooms, page + "| `data/files` | `data/other` |\n"), IsEmpty());
  EXPECT_THAT(RoomTableProblems(rooms, page + "| `data/file` | y |\n\n| `data/files` | z |\n"),
              ElementsAre("data/files: a room, not in docs/design.md",
                          "data/file: in docs/design.md, no room"));
  EXPECT_THAT(RoomTableProblems(rooms, ""), testing::SizeIs(3));
}

TEST_F(ChecksTest, AFileWithoutLicenceIsFound) {
  std::ofstream(root_ / "data/row.h") << "#pragma once\n";
  EXPECT_THAT(LicenceProblems(root_, {"data"}), ElementsAre("data/row.h: no SPDX line"));
}

TEST_F(ChecksTest, AWordThatIsGoneIsFoundButWhereItMayStand) {
  std::ofstream(root_ / "words.json")
      << R"([{"gone": "\\bzebras?\\b", "say": "line", "but": ["data/old.h"]}])";
  Write("data/new.h", "\n// Two Zebras, no zebrafish.\n");
  Write("data/old.h", "// A zebra.\n");
  EXPECT_THAT(WordProblems(root_, root_ / "words.json", {"data"}),
              ElementsAre("data/new.h:3: \"Zebras\": say line"));
}

}  // namespace
}  // namespace longplay::structure
