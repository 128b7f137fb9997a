// SPDX-License-Identifier: MIT
#include "datasets/chains/transition_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;

/// Episodes of two steps: terminated; cut short; cut short without what was seen afterwards.
/// Observation t of episode e is 10 e + t, the action before it 0.1 t, the reward e.
std::string WriteThreeEnds() {
  const std::string path = TemporaryPath("three_ends.hdf5");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  for (int64_t e = 0; e < 3; ++e) {
    Episode episode{.observation_size = 1,
                    .action_columns = 1,
                    .actions = {0, 0.1},
                    .rewards = {static_cast<double>(e), static_cast<double>(e)}};
    (e == 0 ? episode.terminated : episode.truncated) = true;
    const auto first = static_cast<double>(10 * e);
    episode.observations = {first, first + 1, first + 2};
    std::map<std::string, int64_t> attributes;
    if (e == 2) attributes["longplay_no_final_observation"] = 1;
    writer.Write(episode, attributes);
  }
  writer.Finish();
  return path;
}

Normalizer Plain() {
  return {
      .observation_mean = {0}, .observation_std = {1}, .action_center = {0}, .action_scale = {1}};
}

Batch DrawBatch(const EpisodeSet& set, const Normalizer& normalizer, int64_t count, uint64_t seed) {
  const TransitionBatches source(set, normalizer, count);
  std::mt19937_64 random(seed);
  Batch batch;
  source.Load(source.Draw(random), batch);
  return batch;
}

TEST(TransitionBatchesTest, TimeLimitsAreNoEndsAndTerminationsAre) {
  const EpisodeSet set = EpisodeSet::Load({WriteThreeEnds()});
  const Normalizer normalizer = Plain();
  const TransitionBatches source(set, normalizer, 5);
  ASSERT_EQ(source.size(), 5);  // the last step of the third episode cannot be used
  std::vector<ChainWindow> all;
  for (int64_t i = 0; i < 5; ++i) all.push_back(source.Step(i));
  Batch batch;
  source.Load(all, batch);
  EXPECT_EQ(batch.chains, 5);
  EXPECT_EQ(batch.steps, 1);
  EXPECT_THAT(batch.rows.observations, ElementsAre(0, 1, 10, 11, 20));
  EXPECT_THAT(batch.next_observations, ElementsAre(1, 2, 11, 12, 21));
  EXPECT_THAT(batch.ends, ElementsAre(0, 1, 0, 0, 0));
  EXPECT_THAT(batch.next_known, ElementsAre(1, 1, 1, 1, 1));
  EXPECT_THAT(batch.rewards, ElementsAre(0, 0, 1, 1, 2));
  EXPECT_THAT(batch.target_actions, ElementsAre(0, 0.1F, 0, 0.1F, 0));
}

TEST(TransitionBatchesTest, MappedStepsAreTheSame) {
  const std::string path = WriteThreeEnds();
  const EpisodeSet memory = EpisodeSet::Load({path}, {.place = StepPlace::kMemory});
  const EpisodeSet mapped = EpisodeSet::Load({path}, {.place = StepPlace::kMapped});
  const Normalizer normalizer = Plain();
  const Batch a = DrawBatch(memory, normalizer, 100, 3), b = DrawBatch(mapped, normalizer, 100, 3);
  EXPECT_EQ(a.rows.observations, b.rows.observations);
  EXPECT_EQ(a.next_observations, b.next_observations);
  EXPECT_EQ(a.ends, b.ends);
  std::filesystem::remove_all(path + ".packed");
}

TEST(TransitionBatchesTest, EveryStepIsDrawnInThePolicysUnits) {
  const EpisodeSet set = EpisodeSet::Load({WriteThreeEnds()});
  const Normalizer normalizer = {.observation_mean = {10},
                                 .observation_std = {2},
                                 .action_center = {0.1},
                                 .action_scale = {0.5}};
  const Batch batch = DrawBatch(set, normalizer, 200, 1);
  EXPECT_THAT(std::set<float>(batch.rows.observations.begin(), batch.rows.observations.end()),
              ElementsAre(-5, -4.5, 0, 0.5, 5));
  EXPECT_THAT(std::set<float>(batch.target_actions.begin(), batch.target_actions.end()),
              ElementsAre(testing::FloatEq(-0.2F), testing::FloatEq(0)));
}

TEST(TransitionBatchesTest, ASetWithoutUsableStepsIsRefused) {
  const std::string path = TemporaryPath("no_transitions.hdf5");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  writer.Write({.observation_size = 1,
                .action_columns = 1,
                .observations = {1, 1},
                .actions = {0},
                .rewards = {0},
                .truncated = true},
               {{"longplay_no_final_observation", 1}});
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({path});
  EXPECT_THAT([&] { TransitionBatches(set, Plain(), 1); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("expected steps with what followed them, got none")));
}

}  // namespace
}  // namespace longplay
