// SPDX-License-Identifier: MIT
#include "agent/names/closest_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The definition, without a table: every way to make `a` into `b`.
size_t SlowEdits(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a.size() + b.size();
  const std::string a_rest = a.substr(1), b_rest = b.substr(1);
  if (a[0] == b[0]) return SlowEdits(a_rest, b_rest);
  return 1 + std::min({SlowEdits(a_rest, b_rest), SlowEdits(a_rest, b), SlowEdits(a, b_rest)});
}

TEST(ClosestNamesTest, NamesComeByTheirEditsAndThenInTheirOrder) {
  EXPECT_THAT(ClosestNames("ab", {"abcd", "b", "abc", "a", "xyz"}), ElementsAre("b", "abc", "a"));
  EXPECT_THAT(ClosestNames("ab", {"ab"}), ElementsAre("ab"));
  EXPECT_THAT(ClosestNames("ab", {}), IsEmpty());
  EXPECT_EQ(ClosestText("ab", {"b", "abc"}), "b, abc");
  EXPECT_EQ(ClosestText("ab", {}), "");
}

TEST(ClosestNamesTest, TheOrderIsThatOfTheSlowDefinition) {
  const std::vector<std::string> names = {"steps", "seed", "step", "epochs", "stpes", "tests", "s"};
  for (const std::string given : {"stes", "sed", "epoch", "tsest", ""}) {
    std::vector<std::string> expected = names;
    std::ranges::stable_sort(expected, {},
                             [&](const std::string& name) { return SlowEdits(given, name); });
    expected.resize(3);
    EXPECT_EQ(ClosestNames(given, names), expected) << given;
  }
}

TEST(ClosestNamesTest, ANameWithoutItsSectionFindsTheKeyInAnySection) {
  EXPECT_EQ(ClosestNames("steps", {"data.files", "model.heads", "train.steps"})[0], "train.steps");
  EXPECT_EQ(ClosestNames("chain.mixer", {"chain.skip", "chain.order", "model.mixer"})[0],
            "model.mixer");
  // With a section the whole counts.
  EXPECT_EQ(ClosestNames("trian.steps", {"brain.step", "train.steps"})[0], "train.steps");
}

}  // namespace
}  // namespace longplay
