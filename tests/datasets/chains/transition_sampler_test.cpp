// SPDX-License-Identifier: MIT
#include "datasets/chains/transition_sampler.h"

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

TEST(TransitionSamplerTest, TimeLimitsAreNoEndsAndTerminationsAre) {
  const TrajectorySet set = TrajectorySet::Load({WriteThreeEnds()});
  const Normalizer normalizer = Plain();
  const TransitionSampler sampler(set, normalizer);
  ASSERT_EQ(sampler.size(), 5);  // the last step of the third episode cannot be used
  TransitionRows rows;
  std::mt19937_64 random(0);
  sampler.Draw(5, random, rows);  // makes room
  for (int64_t i = 0; i < 5; ++i) sampler.Write(i, i, rows);
  EXPECT_THAT(rows.observations, ElementsAre(0, 1, 10, 11, 20));
  EXPECT_THAT(rows.next_observations, ElementsAre(1, 2, 11, 12, 21));
  EXPECT_THAT(rows.continues, ElementsAre(1, 0, 1, 1, 1));
  EXPECT_THAT(rows.rewards, ElementsAre(0, 0, 1, 1, 2));
  EXPECT_THAT(rows.actions, ElementsAre(0, 0.1F, 0, 0.1F, 0));
}

TEST(TransitionSamplerTest, MappedStepsAreTheSame) {
  const std::string path = WriteThreeEnds();
  const TrajectorySet memory = TrajectorySet::Load({path}, {.place = StepPlace::kMemory});
  const TrajectorySet mapped = TrajectorySet::Load({path}, {.place = StepPlace::kMapped});
  const Normalizer normalizer = Plain();
  TransitionRows a, b;
  std::mt19937_64 first(3), second(3);
  TransitionSampler(memory, normalizer).Draw(100, first, a);
  TransitionSampler(mapped, normalizer).Draw(100, second, b);
  EXPECT_EQ(a.observations, b.observations);
  EXPECT_EQ(a.next_observations, b.next_observations);
  EXPECT_EQ(a.continues, b.continues);
  std::filesystem::remove_all(path + ".packed");
}

TEST(TransitionSamplerTest, EveryStepIsDrawnInThePolicysUnits) {
  const TrajectorySet set = TrajectorySet::Load({WriteThreeEnds()});
  const Normalizer normalizer = {.observation_mean = {10},
                                 .observation_std = {2},
                                 .action_center = {0.1},
                                 .action_scale = {0.5}};
  TransitionRows rows;
  std::mt19937_64 random(1);
  TransitionSampler(set, normalizer).Draw(200, random, rows);
  EXPECT_THAT(std::set<float>(rows.observations.begin(), rows.observations.end()),
              ElementsAre(-5, -4.5, 0, 0.5, 5));
  EXPECT_THAT(std::set<float>(rows.actions.begin(), rows.actions.end()),
              ElementsAre(testing::FloatEq(-0.2F), testing::FloatEq(0)));
}

TEST(TransitionSamplerTest, ASetWithoutUsableStepsIsRefused) {
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
  const TrajectorySet set = TrajectorySet::Load({path});
  EXPECT_THAT([&] { TransitionSampler(set, Plain()); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("expected steps with what followed them, got none")));
}

}  // namespace
}  // namespace longplay
