// SPDX-License-Identifier: MIT
#include "datasets/formats/numbered_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NumberedGroupsTest, RunsOfDigitsCountAsNumbers) {
  std::vector<std::string> names = {"e10", "e9", "e010x", "e1", "d99", "e", "e2_b11", "e2_b9"};
  std::ranges::sort(names, NaturalLess);
  EXPECT_THAT(names, ElementsAre("d99", "e", "e1", "e2_b9", "e2_b11", "e9", "e10", "e010x"));
}

TEST(NumberedGroupsTest, OrderIsStrict) {
  const std::vector<std::string> names = {"", "0", "00", "a", "a0", "a00", "a01", "a1", "a1b", "b"};
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_FALSE(NaturalLess(names[i], names[i])) << names[i];
    for (size_t j = 0; j < names.size(); ++j) {
      EXPECT_EQ(NaturalLess(names[i], names[j]), i < j) << names[i] << " " << names[j];
    }
  }
  // Longer than any integer.
  EXPECT_TRUE(NaturalLess("99999999999999999999998", "99999999999999999999999"));
}

TEST(NumberedGroupsTest, GroupsOfAPrefixAndANumberAreFoundInTheirOrder) {
  const std::string path = TemporaryPath("groups.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path);
    for (const char* name : {"episode_10", "episode_007", "episode_9", "episode_", "episode_x",
                             "episodes", "episode_1_old", "data/demo_2"}) {
      MakeGroup(file.get(), name);
    }
    WriteArray(file.get(), "episode_3", {1}, "float32", std::vector<double>{0});  // no group
  }
  const Hdf5File file(path);
  EXPECT_THAT(NumberedGroups(file, "/", "episode_"),
              ElementsAre("episode_007", "episode_9", "episode_10"));
  EXPECT_THAT(NumberedGroups(file, "data", "demo_"), ElementsAre("data/demo_2"));
  EXPECT_THAT(NumberedGroups(file, "data", "episode_"), IsEmpty());
}

}  // namespace
}  // namespace longplay
