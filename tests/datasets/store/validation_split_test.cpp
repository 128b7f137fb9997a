// SPDX-License-Identifier: MIT
#include "datasets/store/validation_split.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stdexcept>

#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

/// Twenty episodes of two steps, five histories of four; episode e earns 2 e and sees e.
EpisodeSet Twenty() {
  MinariWriter writer(TemporaryPath("twenty"), {.observation_size = 1, .action_size = 1});
  for (int64_t e = 0; e < 20; ++e) {
    const auto number = static_cast<double>(e);
    writer.Write({.observation_size = 1,
                  .action_columns = 1,
                  .observations = {number, number, number},
                  .actions = {0.5, -0.5},
                  .rewards = {number, number},
                  .truncated = true},
                 {{"history", e / 4}});
  }
  writer.Finish();
  return EpisodeSet::Load({TemporaryPath("twenty")});
}

std::set<double> Returns(const EpisodeSet& set) {
  std::set<double> returns;
  for (int64_t e = 0; e < set.episodes(); ++e) returns.insert(set.episode_return(e));
  return returns;
}

TEST(ValidationSplitTest, EveryEpisodeIsInOnePartAndTheShareIsKeptOut) {
  const EpisodeSet all = Twenty();
  const auto [training, validation] = SplitForValidation(all, 0.3, ValidationUnit::kEpisode);
  EXPECT_EQ(training.episodes(), 14);
  EXPECT_EQ(validation.episodes(), 6);
  std::set<double> both = Returns(training);
  both.merge(Returns(validation));
  EXPECT_EQ(both, Returns(all));
  EXPECT_EQ(training.steps(), 28);
  EXPECT_EQ(training.info().episodes, 14);
}

TEST(ValidationSplitTest, HistoriesAreKeptOutWhole) {
  const auto [training, validation] = SplitForValidation(Twenty(), 0.2, ValidationUnit::kHistory);
  EXPECT_EQ(validation.episodes(), 4);
  for (int64_t e = 1; e < 4; ++e) EXPECT_EQ(validation.history(e), validation.history(0));
  for (int64_t e = 0; e < 16; ++e) EXPECT_NE(training.history(e), validation.history(0));
}

TEST(ValidationSplitTest, TheStatisticsAreThoseOfThePartAlone) {
  const auto [training, validation] = SplitForValidation(Twenty(), 0.5, ValidationUnit::kEpisode);
  double mean = 0;
  for (const double total : Returns(training)) mean += total / 2 / 10;  // what episode e sees is e
  EXPECT_NEAR(training.ComputeNormalizer().observation_mean[0], mean, 1e-12);
  EXPECT_NE(training.hash(), validation.hash());
}

TEST(ValidationSplitTest, TheSameDataAreSplitTheSameWay) {
  const EpisodeSet all = Twenty();
  const auto first = SplitForValidation(all, 0.3, ValidationUnit::kEpisode);
  const auto again = SplitForValidation(all, 0.3, ValidationUnit::kEpisode);
  EXPECT_EQ(first.training.hash(), again.training.hash());
}

TEST(ValidationSplitTest, AtLeastOneIsKeptOutAndNotAll) {
  EXPECT_EQ(SplitForValidation(Twenty(), 1e-3, ValidationUnit::kHistory).validation.episodes(), 4);
  EXPECT_EQ(SplitForValidation(Twenty(), 0.9, ValidationUnit::kHistory).training.episodes(), 4);
  const auto one = Twenty().Select({3});
  EXPECT_THROW(SplitForValidation(one, 0.5, ValidationUnit::kEpisode), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
