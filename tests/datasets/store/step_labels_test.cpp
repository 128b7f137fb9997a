// SPDX-License-Identifier: MIT
#include "datasets/store/step_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "datasets/store/episode_set.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// An episode for each list: of the labels beside as many steps as `steps` says.
std::string Write(const std::string& name, const MinariMetadata& metadata, int64_t steps,
                  const std::vector<InfoArray>& labels) {
  std::string path = TemporaryPath(name);
  MinariWriter writer(path, metadata);
  const bool discrete = metadata.action_kind == ActionKind::kDiscrete;
  const int64_t columns = discrete ? 1 : metadata.action_size;
  for (const InfoArray& label : labels) {
    writer.Write({.observation_size = 1,
                  .action_columns = columns,
                  .observations = std::vector<double>(steps + 1, 0),
                  .actions = std::vector<double>(steps * columns, 0),
                  .rewards = std::vector<double>(steps, 0),
                  .truncated = true},
                 {}, {.seed = {}, .infos = {{"label", label}}, .left_out = {}});
  }
  writer.Finish();
  return path;
}

const MinariMetadata kThreeChoices = {.observation_size = 1,
                                      .action_size = 3,
                                      .action_kind = ActionKind::kDiscrete,
                                      .action_type = "int64"};

InfoArray Choices(const std::vector<double>& values) {
  return {.type = "int64", .row_shape = {}, .values = values};
}

TEST(StepLabelsTest, ChoicesAreOneHotAndStandBesideTheirEpisodes) {
  const std::string a = Write("a.hdf5", kThreeChoices, 2, {Choices({2, 0}), Choices({1, 1})});
  const std::string b = Write("b.hdf5", kThreeChoices, 2, {Choices({0, 2})});
  for (const StepPlace place : {StepPlace::kMemory, StepPlace::kMapped}) {
    const EpisodeSet set = EpisodeSet::Load({a, b}, {.place = place, .labels = "label"});
    EXPECT_THAT(set.labels(0), ElementsAre(0, 0, 1, 1, 0, 0));
    EXPECT_THAT(set.labels(1), ElementsAre(0, 1, 0, 0, 1, 0));
    EXPECT_THAT(set.labels(2), ElementsAre(1, 0, 0, 0, 0, 1));
    EXPECT_THAT(set.Select({2, 0}).labels(0), ElementsAre(1, 0, 0, 0, 0, 1));
    EXPECT_THAT(set.actions(0), ElementsAre(1, 0, 0, 1, 0, 0));
  }
}

TEST(StepLabelsTest, ContinuousOnesAreRows) {
  const std::string path =
      Write("rows.hdf5", {.observation_size = 1, .action_size = 2}, 2,
            {{.type = "float64", .row_shape = {2}, .values = {0.5, -1, 0.25, 1}}});
  EXPECT_THAT(EpisodeSet::Load({path}, {.labels = "label"}).labels(0),
              ElementsAre(0.5F, -1, 0.25F, 1));
}

TEST(StepLabelsTest, OtherLabelsAreOtherData) {
  const auto hash = [](const std::vector<double>& choices, const std::string& labels) {
    const std::string path = Write("hashed.hdf5", kThreeChoices, 2, {Choices(choices)});
    return EpisodeSet::Load({path}, {.labels = labels}).hash();
  };
  EXPECT_EQ(hash({2, 0}, "label"), hash({2, 0}, "label"));
  EXPECT_NE(hash({2, 0}, "label"), hash({2, 1}, "label"));
  EXPECT_EQ(hash({2, 0}, ""), hash({2, 1}, ""));
}

TEST(StepLabelsTest, NobodyWhoDoesNotAskGetsThem) {
  const std::string path = Write("unasked.hdf5", kThreeChoices, 2, {Choices({2, 0})});
  EXPECT_THAT(EpisodeSet::Load({path}).labels(0), IsEmpty());
}

TEST(StepLabelsTest, WhatIsNoActionIsRefusedWithItsPlace) {
  const auto message = [](const std::string& path, const std::string& name) {
    try {
      EpisodeSet::Load({path}, {.labels = name});
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  const std::string good = Write("good.hdf5", kThreeChoices, 2, {Choices({2, 0})});
  EXPECT_THAT(message(good, "best"),
              HasSubstr("data.labels: best of episode 0: expected an array beside the steps, got "
                        "none"));
  const std::string wrong =
      Write("wrong.hdf5", kThreeChoices, 2, {Choices({2, 0}), Choices({0, 3})});
  EXPECT_THAT(message(wrong, "label"), HasSubstr("label of episode 1: expected actions, got 3"));
  const std::string few = Write("few.hdf5", kThreeChoices, 2, {Choices({2, 0, 1})});
  EXPECT_THAT(message(few, "label"), HasSubstr("label of episode 0: expected 2 numbers, got 3"));
}

}  // namespace
}  // namespace longplay
