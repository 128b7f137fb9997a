// SPDX-License-Identifier: MIT
#include "datasets/chains/random_maps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "datasets/chains/chain_batches.h"
#include "datasets/chains/fill_batch.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

TEST(RandomMapsTest, ActionsStayInsideTheirRange) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const RandomMaps maps(seed, 3, 4, ActionKind::kContinuous);
    // The worst corner of each row is the one with its signs.
    for (int64_t row = 0; row < 4; ++row) {
      std::vector<float> corner(4);
      for (int64_t k = 0; k < 4; ++k) {
        corner[k] = maps.actions()[row * 4 + k] < 0 ? -1.0F : 1.0F;
      }
      maps.MapAction(corner);
      EXPECT_NEAR(corner[row], 1, 1e-6) << seed;
      for (const float action : corner) EXPECT_LE(std::abs(action), 1 + 1e-6F);
    }
  }
}

TEST(RandomMapsTest, ObservationsKeepTheirSizeOnAverage) {
  // E |M x|^2 = |x|^2; over 2000 seeds the mean is within 5 standard errors (3 %).
  double sum = 0;
  for (uint64_t seed = 1; seed <= 2000; ++seed) {
    std::vector<float> seen = {1, -2, 2};
    RandomMaps(seed, 3, 1, ActionKind::kContinuous).MapObservation(seen);
    for (const float number : seen) sum += double{number} * number;
  }
  EXPECT_NEAR(sum / 2000, 9, 5 * 9 * std::sqrt(2.0 / 3 / 2000));
}

TEST(RandomMapsTest, DiscreteActionsTradePlaces) {
  std::vector<float> seen(4, 0);
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    std::vector<float> action = {0, 1, 0, 0};
    RandomMaps(seed, 2, 4, ActionKind::kDiscrete).MapAction(action);
    EXPECT_EQ(std::ranges::count(action, 1.0F), 1);
    EXPECT_EQ(std::ranges::count(action, 0.0F), 3);
    for (size_t k = 0; k < 4; ++k) seen[k] += action[k];
  }
  for (const float count : seen) EXPECT_GT(count, 25);  // 50 expected, standard deviation 6
}

// ---- in batches ----------------------------------------------------------------------------

/// Two episodes of three steps; two numbers are seen, two are done.
EpisodeSet TwoByTwo() {
  const std::string path = TemporaryPath("two_by_two.hdf5");
  MinariWriter writer(
      path,
      {.observation_size = 2, .action_size = 2, .action_low = {-1, -1}, .action_high = {1, 1}});
  for (int e = 0; e < 2; ++e) {
    Episode episode{.observation_size = 2, .action_columns = 2, .truncated = true};
    for (int t = 0; t <= 3; ++t) {
      episode.observations.insert(episode.observations.end(), {1.0 * e + t, 2.0 * t * t - e});
      if (t == 3) break;
      episode.actions.insert(episode.actions.end(), {0.25 * t, 0.5 - 0.125 * e});
      episode.rewards.push_back(t);
    }
    writer.Write(episode);
  }
  writer.Finish();
  return EpisodeSet::Load({path});
}

/// M x of the row, in float64.
std::vector<double> Product(const std::vector<float>& map, const float* x, int64_t size) {
  std::vector<double> y(size, 0);
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t j = 0; j < size; ++j) y[i] += double{map[i * size + j]} * x[j];
  }
  return y;
}

TEST(RandomMapsTest, AllThatAChainShowsGoesThroughItsMaps) {
  const EpisodeSet set = TwoByTwo();
  const Normalizer normalizer = set.ComputeNormalizer();
  const ChainOptions options{.episodes = 2, .order = ChainOrder::kCollected};
  const BatchParts parts{.taken_actions = true, .outcomes = true};
  // A window that begins inside an episode, so that what is skipped counts too.
  ChainWindow window{
      .chain = {.episodes = {0, 1}, .targets = {3, 3}}, .first = 1, .length = 5, .map = 0};
  Batch plain, mapped;
  FillBatch(set, normalizer, std::span(&window, 1), options, parts, plain);
  window.map = 77;
  FillBatch(set, normalizer, std::span(&window, 1), options, parts, mapped);
  const RandomMaps maps(77, 2, 2, ActionKind::kContinuous);
  const auto compare = [](const std::vector<float>& map, const std::vector<float>& from,
                          const std::vector<float>& to) {
    ASSERT_EQ(from.size(), 10U);
    ASSERT_EQ(to.size(), 10U);
    for (int64_t row = 0; row < 5; ++row) {
      const std::vector<double> expected = Product(map, from.data() + row * 2, 2);
      EXPECT_NEAR(to[row * 2], expected[0], 1e-6) << row;
      EXPECT_NEAR(to[row * 2 + 1], expected[1], 1e-6) << row;
    }
  };
  compare(maps.observations(), plain.rows.observations, mapped.rows.observations);
  compare(maps.observations(), plain.next_observations, mapped.next_observations);
  compare(maps.actions(), plain.rows.previous_actions, mapped.rows.previous_actions);
  compare(maps.actions(), plain.target_actions, mapped.target_actions);
  compare(maps.actions(), plain.taken_actions, mapped.taken_actions);
  EXPECT_EQ(plain.rows.previous_rewards, mapped.rows.previous_rewards);
  EXPECT_EQ(plain.rewards, mapped.rewards);
}

TEST(RandomMapsTest, AShareOfTheChainsHasMapsAndAllDrawTheSameEpisodes) {
  const EpisodeSet set = TwoByTwo();
  const Normalizer normalizer = set.ComputeNormalizer();
  const auto draw = [&](double share) {
    const ChainBatches source(set, normalizer, {.episodes = 1, .window = 2, .random_maps = share},
                              1000);
    std::mt19937_64 random(3);
    return source.Draw(random);
  };
  const auto none = draw(0), some = draw(0.25), all = draw(1);
  int64_t mapped = 0;
  for (size_t i = 0; i < none.size(); ++i) {
    EXPECT_EQ(none[i].chain.episodes, some[i].chain.episodes);
    EXPECT_EQ(none[i].first, some[i].first);
    EXPECT_EQ(none[i].map, 0U);
    EXPECT_NE(all[i].map, 0U);
    if (some[i].map != 0) {
      ++mapped;
      EXPECT_EQ(some[i].map, all[i].map);
    }
  }
  EXPECT_NEAR(static_cast<double>(mapped), 250, 70);  // 5 standard deviations
}

}  // namespace
}  // namespace longplay
