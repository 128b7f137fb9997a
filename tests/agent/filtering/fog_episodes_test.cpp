// SPDX-License-Identifier: MIT
#include "agent/filtering/fog_episodes.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "agent/acting/rollout.h"
#include "env/list/make_listed_environment.h"
#include "tests/agent/filtering/fog_run.h"

namespace longplay {
namespace {

constexpr const char* kFogId = "family/fog-v0?drift=0.01&sigma=4";

TEST(FogEpisodesTest, RowsAndMeansAreThoseOfTheEnvironmentAndTheFilter) {
  PolicyRecord record;
  record.options = FogRun(kFogId);
  record.normalizer = {.observation_mean = {1, -1},
                       .observation_std = {2, 4},
                       .action_center = {0, 0},
                       .action_scale = {5, 5}};
  const std::vector<int64_t> marks = {1, 4, 9};
  const FogEpisodes drawn = DrawFogEpisodes(
      {.environment = kFogId, .seed = 30, .first = 2, .count = 2, .steps = 9}, record, marks);
  for (int64_t i = 0; i < 2; ++i) {
    const auto environment = MakeListedEnvironment(kFogId, {});
    environment->Reset(0, EpisodeSeed(30 + 2 + static_cast<uint64_t>(i), 0));
    FogFilter filter({.drift = 0.01, .sigma = 4});
    size_t mark = 0;
    for (int64_t t = 0; t < 9; ++t) {
      const auto reading = environment->observation(0);
      filter.See(reading);
      EXPECT_NEAR(drawn.rows.observations[(i * 9 + t) * 2], (reading[0] - 1) / 2, 1e-5);
      EXPECT_NEAR(drawn.rows.observations[(i * 9 + t) * 2 + 1], (reading[1] + 1) / 4, 1e-5);
      if (t + 1 == marks[mark]) {
        EXPECT_EQ(drawn.means[(i * 3 + mark) * 2], filter.mean()[0]);
        EXPECT_EQ(drawn.means[(i * 3 + mark) * 2 + 1], filter.mean()[1]);
        ++mark;
      }
      // Another action than the drawn episodes had.
      environment->Step(std::vector<double>{3, -2}, std::vector<uint8_t>{1});
    }
    EXPECT_EQ(mark, 3U);
  }
}

}  // namespace
}  // namespace longplay
