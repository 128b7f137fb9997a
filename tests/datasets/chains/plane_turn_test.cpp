// SPDX-License-Identifier: MIT
#include "datasets/chains/plane_turn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stdexcept>
#include <string>

#include "datasets/chains/chain_batches.h"
#include "datasets/chains/fill_batch.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

/// Two pairs are seen, one is done; no two means, deviations or scales are alike.
Normalizer Uneven() {
  return {.observation_mean = {0.5, -1, 2, 0},
          .observation_offset = {},
          .observation_std = {0.25, 0.5, 2, 1},
          .action_center = {0.25, -0.5},
          .action_scale = {0.5, 2}};
}

TEST(PlaneTurnTest, SquareHasAllEightSymmetriesAndNoOther) {
  const Normalizer normalizer = Uneven();
  std::set<std::array<double, 4>> seen;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    seen.insert(PlaneTurn(seed, ChainSymmetry::kSquare, normalizer).matrix());
  }
  EXPECT_EQ(seen.size(), 8U);
  for (const std::array<double, 4>& matrix : seen) {
    // One 1 or -1 in each row and each column, without rounding.
    EXPECT_EQ(std::abs(matrix[0]) + std::abs(matrix[1]), 1);
    EXPECT_EQ(std::abs(matrix[2]) + std::abs(matrix[3]), 1);
    EXPECT_EQ(std::abs(matrix[0]), std::abs(matrix[3]));
    EXPECT_EQ(std::abs(matrix[0]) * std::abs(matrix[1]), 0);
  }
}

TEST(PlaneTurnTest, PlaneHasEveryAngleAndHalfOfThemMirrored) {
  const Normalizer normalizer = Uneven();
  int mirrored = 0, right = 0, upper = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    const auto matrix = PlaneTurn(seed, ChainSymmetry::kPlane, normalizer).matrix();
    const double determinant = matrix[0] * matrix[3] - matrix[1] * matrix[2];
    EXPECT_NEAR(std::abs(determinant), 1, 1e-14);
    EXPECT_NEAR(matrix[0] * matrix[0] + matrix[2] * matrix[2], 1, 1e-14);
    EXPECT_NEAR(matrix[0] * matrix[1] + matrix[2] * matrix[3], 0, 1e-14);
    mirrored += determinant < 0 ? 1 : 0;
    right += matrix[0] > 0 ? 1 : 0;
    upper += matrix[2] > 0 ? 1 : 0;
  }
  // 5 standard deviations of 2000 coins.
  EXPECT_NEAR(mirrored, 1000, 112);
  EXPECT_NEAR(right, 1000, 112);
  EXPECT_NEAR(upper, 1000, 112);
}

// ---- in batches ----------------------------------------------------------------------------

/// One episode that walks in the plane: s' = s + 0.1 a, reward -|s' - goal|.
EpisodeSet OneWalk(int64_t observation_size = 2) {
  const std::string path = TemporaryPath("walk.hdf5");
  MinariWriter writer(path, {.observation_size = observation_size,
                             .action_size = 2,
                             .action_low = {-1, -1},
                             .action_high = {1, 1}});
  Episode episode{.observation_size = observation_size, .action_columns = 2, .truncated = true};
  double x = 0.5, y = -0.25;
  for (int t = 0; t <= 6; ++t) {
    episode.observations.insert(episode.observations.end(), {x, y});
    for (int64_t k = 2; k < observation_size; ++k) episode.observations.push_back(0);
    if (t == 6) break;
    const double along = 0.9 - 0.25 * t, across = t % 2 == 0 ? 1 : -0.5;
    episode.actions.insert(episode.actions.end(), {along, across});
    x += 0.1 * along;
    y += 0.1 * across;
    episode.rewards.push_back(-std::hypot(x - 1, y - 0.5));
  }
  writer.Write(episode);
  writer.Finish();
  return EpisodeSet::Load({path});
}

TEST(PlaneTurnTest, ATurnedChainIsAWalkToTheTurnedGoal) {
  const EpisodeSet set = OneWalk();
  const Normalizer normalizer = set.ComputeNormalizer();
  for (const ChainSymmetry symmetry : {ChainSymmetry::kSquare, ChainSymmetry::kPlane}) {
    const ChainOptions options{.episodes = 1, .symmetry = symmetry};
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      // A window that begins inside the episode, so that what is skipped counts too.
      const ChainWindow window{.chain = {.episodes = {0}, .targets = {0}},
                               .first = 1,
                               .length = 5,
                               .map = 0,
                               .turn = seed};
      Batch batch;
      FillBatch(set, normalizer, std::span(&window, 1), options,
                {.taken_actions = true, .outcomes = true}, batch);
      const auto R = PlaneTurn(seed, symmetry, normalizer).matrix();
      const double goal[2] = {R[0] * 1 + R[1] * 0.5, R[2] * 1 + R[3] * 0.5};
      const auto seen = [&](const std::vector<float>& rows, int64_t row, int64_t k) {
        return rows[row * 2 + k] * normalizer.observation_std[k] + normalizer.observation_mean[k];
      };
      const auto done = [&](const std::vector<float>& rows, int64_t row, int64_t k) {
        return rows[row * 2 + k] * normalizer.action_scale[k] + normalizer.action_center[k];
      };
      // The task's own equations hold for what the chain shows. 1e-6: float32, measured 1.5e-7.
      for (int64_t row = 0; row < 5; ++row) {
        double after[2];
        for (int64_t k = 0; k < 2; ++k) {
          after[k] =
              seen(batch.rows.observations, row, k) + 0.1 * done(batch.taken_actions, row, k);
          EXPECT_NEAR(seen(batch.next_observations, row, k), after[k], 1e-6);
          EXPECT_EQ(batch.taken_actions[row * 2 + k], batch.target_actions[row * 2 + k]);
        }
        EXPECT_NEAR(batch.rewards[row], -std::hypot(after[0] - goal[0], after[1] - goal[1]), 1e-6);
        if (row == 0) continue;
        for (int64_t k = 0; k < 2; ++k) {
          EXPECT_EQ(batch.rows.previous_actions[row * 2 + k],
                    batch.taken_actions[(row - 1) * 2 + k]);
        }
      }
      // The first row's previous action was skipped over: (0.9, 1) of the data.
      for (int64_t k = 0; k < 2; ++k) {
        EXPECT_NEAR(done(batch.rows.previous_actions, 0, k), R[2 * k] * 0.9 + R[2 * k + 1] * 1,
                    1e-6);
      }
    }
  }
}

TEST(PlaneTurnTest, EachChainHasATurnOfItsOwnAndAllDrawTheSameEpisodes) {
  const EpisodeSet set = OneWalk();
  const Normalizer normalizer = set.ComputeNormalizer();
  const auto draw = [&](ChainSymmetry symmetry, double maps) {
    const ChainBatches source(
        set, normalizer, {.episodes = 1, .window = 2, .random_maps = maps, .symmetry = symmetry},
        50);
    std::mt19937_64 random(3);
    return source.Draw(random);
  };
  const auto none = draw(ChainSymmetry::kNone, 0), plane = draw(ChainSymmetry::kPlane, 0),
             both = draw(ChainSymmetry::kPlane, 1);
  std::set<uint64_t> turns;
  for (size_t i = 0; i < none.size(); ++i) {
    EXPECT_EQ(none[i].turn, 0U);
    EXPECT_EQ(none[i].first, plane[i].first);
    EXPECT_EQ(plane[i].map, 0U);
    EXPECT_NE(both[i].map, 0U);
    EXPECT_NE(both[i].turn, 0U);
    turns.insert(plane[i].turn);
  }
  EXPECT_EQ(turns.size(), none.size());
}

TEST(PlaneTurnTest, NumbersThatAreNoPairsAreRefused) {
  const EpisodeSet set = OneWalk(3);
  const Normalizer normalizer = set.ComputeNormalizer();
  try {
    ChainBatches(set, normalizer, {.episodes = 1, .symmetry = ChainSymmetry::kSquare}, 1);
    FAIL() << "expected std::invalid_argument";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("chain.symmetry: expected none for"));
  }
}

}  // namespace
}  // namespace longplay
