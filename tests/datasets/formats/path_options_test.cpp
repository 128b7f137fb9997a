// SPDX-License-Identifier: MIT
#include "datasets/formats/path_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/data_error.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Refusal(const std::string& path, const std::vector<std::string>& known) {
  try {
    RefuseOtherOptions(path, "Vintix", known);
  } catch (const DataError& error) {
    return error.problem();
  }
  return "taken";
}

TEST(PathOptionsTest, OptionsAreNamedValuesAfterAQuestionMark) {
  const PathOptions options =
      ParsePathOptions("file.hdf5?observations=a,b/c&reward=3&actions=continuous");
  EXPECT_THAT(options.observations, ElementsAre("a", "b/c"));
  EXPECT_EQ(options.reward, 3);
  EXPECT_EQ(options.actions, ActionKind::kContinuous);
  EXPECT_EQ(ParsePathOptions("file?actions=discrete").actions, ActionKind::kDiscrete);
}

TEST(PathOptionsTest, WithoutOptionsNothingIsAskedFor) {
  const PathOptions options = ParsePathOptions("file.hdf5");
  EXPECT_THAT(options.observations, IsEmpty());
  EXPECT_EQ(options.reward, -1);
  EXPECT_FALSE(options.actions.has_value());
}

TEST(PathOptionsTest, WhatIsNoOptionIsRefused) {
  for (const char* option : {"actions=", "actions=both", "reward=ten", "observations", "x=1"}) {
    EXPECT_THAT([&] { ParsePathOptions(std::string("f?") + option); },
                testing::ThrowsMessage<DataError>(HasSubstr(option)));
  }
}

TEST(PathOptionsTest, OptionThatALayoutDoesNotHaveIsRefusedWithThoseItHas) {
  EXPECT_EQ(Refusal("f?reward=1", {"reward"}), "taken");
  EXPECT_EQ(Refusal("f?reward=1", {}), "expected no option for a file of Vintix, got ?reward=1");
  EXPECT_EQ(Refusal("f?reward=1", {"actions", "observations"}),
            "expected ?actions or ?observations for a file of Vintix, got ?reward=1");
  EXPECT_EQ(Refusal("f", {}), "taken");
}

}  // namespace
}  // namespace longplay
