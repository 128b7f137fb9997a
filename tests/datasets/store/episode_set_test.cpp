// SPDX-License-Identifier: MIT
#include "datasets/store/episode_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "datasets/writers/d4rl_writer.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// One episode of a file: what each step sees, does and earns, one number each.
struct Steps {
  std::vector<double> seen, actions, rewards;  // seen: one more than the others
  int64_t history = 0;
};

std::string WriteSteps(const std::string& name, const std::vector<Steps>& episodes,
                       MinariMetadata metadata = {}) {
  const std::string path = TemporaryPath(name);
  metadata.observation_size = 1;
  if (metadata.action_size == 0) metadata.action_size = 1;
  MinariWriter writer(path, metadata);
  for (const Steps& steps : episodes) {
    writer.Write({.observation_size = 1,
                  .action_columns = 1,
                  .observations = steps.seen,
                  .actions = steps.actions,
                  .rewards = steps.rewards,
                  .truncated = true},
                 {{"history", steps.history}});
  }
  writer.Finish();
  return path;
}

Steps Acting(const std::vector<double>& actions) {
  return {.seen = std::vector<double>(actions.size() + 1, 0),
          .actions = actions,
          .rewards = std::vector<double>(actions.size(), 0)};
}

/// Center and scale of the one action, when a file says these bounds.
std::pair<double, double> FittedAction(const std::vector<double>& actions,
                                       const std::vector<double>& low,
                                       const std::vector<double>& high) {
  const std::string path =
      WriteSteps("actions.hdf5", {Acting(actions)}, {.action_low = low, .action_high = high});
  const Normalizer normalizer = EpisodeSet::Load({path}).ComputeNormalizer();
  return {normalizer.action_center[0], normalizer.action_scale[0]};
}

TEST(EpisodeSetTest, EpisodesOfAllFilesStandOneAfterAnother) {
  const std::string first = WriteSteps("first.hdf5", {{{1, 2, 3}, {0.5, 0.25}, {10, 20}}});
  const std::string second = WriteSteps("second.hdf5", {{{4, 5}, {-1}, {30}}, {{6, 7}, {1}, {5}}});
  const EpisodeSet set = EpisodeSet::Load({first, second});
  EXPECT_EQ(set.episodes(), 3);
  EXPECT_EQ(set.steps(), 4);
  EXPECT_EQ(set.info().episodes, 3);
  EXPECT_EQ(set.info().steps, 4);
  EXPECT_EQ(set.info().path, first);
  EXPECT_EQ(set.longest(), 2);
  EXPECT_THAT(set.observations(0), ElementsAre(1, 2));
  EXPECT_THAT(set.final_observation(0), ElementsAre(3));
  EXPECT_THAT(set.actions(0), ElementsAre(0.5, 0.25));
  EXPECT_EQ(set.episode_return(0), 30);
  EXPECT_THAT(set.observations(2), ElementsAre(6));
  EXPECT_THAT(set.final_observation(2), ElementsAre(7));
  EXPECT_THAT(set.rewards(2), ElementsAre(5));
}

TEST(EpisodeSetTest, HistoriesOfTwoFilesAreDifferentOnes) {
  const Steps steps = Acting({0});
  Steps later = steps;
  later.history = 4;
  const std::string first = WriteSteps("first.hdf5", {steps, later});
  const std::string second = WriteSteps("second.hdf5", {steps, later});
  const EpisodeSet set = EpisodeSet::Load({first, second});
  EXPECT_EQ(set.history(0), 0);
  EXPECT_EQ(set.history(1), 4);
  EXPECT_EQ(set.history(2), 5);
  EXPECT_EQ(set.history(3), 9);
}

TEST(EpisodeSetTest, FilesOfOtherSizesAreRefusedByName) {
  const std::string one = WriteSteps("one.hdf5", {Acting({0, 1})});
  const std::string discrete =
      WriteSteps("discrete.hdf5", {Acting({0, 1})},
                 {.action_size = 2, .action_kind = ActionKind::kDiscrete, .action_type = "int64"});
  EXPECT_THAT(
      [&] {
        EpisodeSet::Load({one, discrete});
      },
      testing::ThrowsMessage<std::invalid_argument>(
          "loading data: " + discrete + ": expected 1 observations and 1 actions as in " + one +
          ", got 1 observations and 2 discrete actions"));
}

TEST(EpisodeSetTest, ReferenceScoresOfOneFileAreNotThoseOfTwo) {
  const auto write = [](const std::string& name, double best) {
    return WriteSteps(name, {Acting({0})}, {.reference_min = 0, .reference_max = best});
  };
  const std::string a = write("a.hdf5", 10), b = write("b.hdf5", 10), c = write("c.hdf5", 20);
  EXPECT_EQ(EpisodeSet::Load({a, b}).info().reference_max, 10);
  EXPECT_EQ(EpisodeSet::Load({a, c}).info().reference_max, std::nullopt);
  EXPECT_EQ(EpisodeSet::Load({a, c}).info().reference_min, std::nullopt);
}

TEST(EpisodeSetTest, HashNamesTheContentAndItsOrder) {
  const std::string a = WriteSteps("a.hdf5", {Acting({0, 0.5})});
  const std::string copy = WriteSteps("copy.hdf5", {Acting({0, 0.5})});
  const std::string b = WriteSteps("b.hdf5", {Acting({0, 0.75})});
  EXPECT_EQ(EpisodeSet::Load({a}).hash(), EpisodeSet::Load({copy}).hash());
  EXPECT_NE(EpisodeSet::Load({a}).hash(), EpisodeSet::Load({b}).hash());
  EXPECT_NE(EpisodeSet::Load({a, b}).hash(), EpisodeSet::Load({b, a}).hash());
}

TEST(EpisodeSetTest, ObservationsGetMeanZeroAndDeviationOne) {
  const std::string path = WriteSteps("seen.hdf5", {{{1, 3, 99}, {0, 0}, {0, 0}}});
  const Normalizer normalizer = EpisodeSet::Load({path}).ComputeNormalizer();
  EXPECT_THAT(normalizer.observation_mean, ElementsAre(2)) << "without the final observation";
  EXPECT_THAT(normalizer.observation_std, ElementsAre(1));
}

TEST(EpisodeSetTest, ConstantObservationsAreNotBlownUp) {
  const std::string path = WriteSteps("seen.hdf5", {{{7, 7, 7}, {0, 0}, {0, 0}}});
  EXPECT_THAT(EpisodeSet::Load({path}).ComputeNormalizer().observation_std, ElementsAre(1));
}

TEST(EpisodeSetTest, ActionsAreScaledByTheirSpace) {
  EXPECT_EQ(FittedAction({0, 1}, {-2}, {4}), (std::pair{1.0, 3.0}));
  EXPECT_EQ(FittedAction({0, 1}, {3}, {3}), (std::pair{3.0, 1.0})) << "a space of one action";
}

TEST(EpisodeSetTest, ActionsWithoutASpaceAreScaledByTheDataBeyondOne) {
  EXPECT_EQ(FittedAction({-0.5, 1}, {}, {}), (std::pair{0.0, 1.0})) << "they lie in [-1, 1]";
  EXPECT_EQ(FittedAction({-1, 5}, {}, {}), (std::pair{2.0, 3.0}));
}

TEST(EpisodeSetTest, ReturnsAndRewardsGetScaleOne) {
  const std::string path =
      WriteSteps("rewards.hdf5", {{{0, 0, 0}, {0, 0}, {-8, -4}}, {{0, 0, 0}, {0, 0}, {0, 4}}});
  const Normalizer normalizer = EpisodeSet::Load({path}).ComputeNormalizer();
  EXPECT_THAT(normalizer.return_scale, DoubleEq(1.0 / 12)) << "of -12 and 4 the larger";
  // Mean -2; squared differences 36, 4, 4, 36.
  EXPECT_THAT(normalizer.reward_scale, DoubleEq(1 / std::sqrt(20)));
}

TEST(EpisodeSetTest, WithoutRewardsTheirScalesAreOne) {
  const std::string path = WriteSteps("none.hdf5", {Acting({0, 1})});
  const Normalizer normalizer = EpisodeSet::Load({path}).ComputeNormalizer();
  EXPECT_EQ(normalizer.return_scale, 1);
  EXPECT_EQ(normalizer.reward_scale, 1);
}

TEST(EpisodeSetTest, DiscreteActionsStayOneHot) {
  const std::string path =
      WriteSteps("discrete.hdf5", {Acting({2, 0})},
                 {.action_size = 3, .action_kind = ActionKind::kDiscrete, .action_type = "int64"});
  const EpisodeSet set = EpisodeSet::Load({path});
  EXPECT_THAT(set.actions(0), ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_THAT(set.ComputeNormalizer().action_center, ElementsAre(0, 0, 0));
  EXPECT_THAT(set.ComputeNormalizer().action_scale, ElementsAre(1, 1, 1));
}

TEST(EpisodeSetTest, FinalObservationThatWasNotRecordedIsEmpty) {
  const std::string path = TemporaryPath("no_final.hdf5");
  D4rlWriter writer(path, {.observation_size = 1, .action_size = 1});
  for (const double first : {1.0, 5.0}) {
    writer.Write({.observation_size = 1,
                  .action_columns = 1,
                  .observations = {first, first + 1},
                  .actions = {0, 0},
                  .rewards = {0, 0},
                  .truncated = true},
                 {});
  }
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({path});
  EXPECT_THAT(set.final_observation(0), IsEmpty());
  EXPECT_THAT(set.observations(1), ElementsAre(5, 6));
}

}  // namespace
}  // namespace longplay
