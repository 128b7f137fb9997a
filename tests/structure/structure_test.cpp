// SPDX-License-Identifier: MIT
// This tree is what rooms.json says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/structure/checks.h"

namespace longplay::structure {
namespace {

using ::testing::IsEmpty;

const std::filesystem::path kRoot = LONGPLAY_SOURCE_DIR;
const std::vector<std::string> kFolders = {"agent", "apps",  "bench",   "datasets",
                                           "env",   "model", "runtime", "tests"};

/// Read once for all tests.
const IncludeGraph& Tree() {
  static const IncludeGraph graph(kRoot, kFolders);
  return graph;
}

const Rooms& Declared() {
  static const Rooms rooms = Rooms::Read(kRoot / "tests/structure/rooms.json");
  return rooms;
}

TEST(StructureTest, EveryFileIsInARoomAndNoRoomIsTooLarge) {
  EXPECT_THAT(RoomProblems(kRoot, Tree(), Declared()), IsEmpty());
}

TEST(StructureTest, ARoomIncludesOnlyRoomsBelowIt) {
  EXPECT_THAT(ArrowProblems(Tree(), Declared()), IsEmpty());
}

TEST(StructureTest, LibrariesAreSeenOnlyWhereTheyMayBe) {
  EXPECT_THAT(ExternalProblems(Tree(), Declared()), IsEmpty());
}

TEST(StructureTest, NoUnitsIncludeEachOtherButThoseThatAreKnown) {
  EXPECT_THAT(CircleProblems(Tree(), Declared()), IsEmpty());
}

TEST(StructureTest, TestsMirrorTheTree) {
  EXPECT_THAT(MirrorProblems(Tree(), Declared()), IsEmpty());
}

TEST(StructureTest, PublicHeadersIncludeEachOtherAloneAndAreDescribed) {
  std::ifstream file(kRoot / "docs/reference/cpp.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(
      PublicHeaderProblems(Tree(), ReadPublicHeaders(kRoot / "cmake/public_headers.cmake"), page),
      IsEmpty());
}

TEST(StructureTest, ThePlanOfTheHouseNamesEveryRoom) {
  std::ifstream file(kRoot / "docs/design.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  EXPECT_THAT(RoomTableProblems(Declared(), page), IsEmpty());
}

TEST(StructureTest, EveryFileBeginsWithItsLicence) {
  std::vector<std::string> folders = kFolders;
  folders.insert(folders.end(), {"cmake", "docs", "python", "scripts"});
  EXPECT_THAT(LicenceProblems(kRoot, folders), IsEmpty());
}

TEST(StructureTest, WordsThatAreGoneAreNowhere) {
  std::vector<std::string> folders = kFolders;
  folders.insert(folders.end(), {"configs", "docs", "python", "scripts"});
  EXPECT_THAT(WordProblems(kRoot, kRoot / "tests/structure/words.json", folders), IsEmpty());
}

}  // namespace
}  // namespace longplay::structure
