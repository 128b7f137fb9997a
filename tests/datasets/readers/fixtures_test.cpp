// SPDX-License-Identifier: MIT
// Files written by Minari 0.5.3 and h5py 3.16.0 (fixtures/make_fixtures.py) against what their own
// readers say of them.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "datasets/episode_reader.h"
#include "datasets/store/episode_set.h"

namespace longplay {
namespace {

std::string Fixture(const std::string& name) {
  return std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/" + name;
}

double Sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

class FixturesTest : public testing::TestWithParam<std::string> {};

TEST_P(FixturesTest, EpisodesAreThoseOfTheirOwnReader) {
  const nlohmann::json expected =
      nlohmann::json::parse(std::ifstream(Fixture("expected.json"))).at(GetParam());
  const auto reader = OpenDataset(Fixture(GetParam()));
  ASSERT_EQ(reader->info().episodes, static_cast<int64_t>(expected.size()));
  int64_t steps = 0;
  for (int64_t e = 0; e < reader->info().episodes; ++e) {
    const Episode episode = reader->Read(e);
    const nlohmann::json& wanted = expected[e];
    EXPECT_EQ(episode.length(), wanted["length"]);
    EXPECT_EQ(episode.observations.size() / episode.observation_size, wanted["rows"]);
    EXPECT_EQ(episode.terminated, wanted["terminated"]);
    EXPECT_EQ(episode.truncated, wanted["truncated"]);
    // Sums of at most 200 float32 values, added in another order.
    EXPECT_NEAR(Sum(episode.observations), wanted["observation_sum"], 1e-9);
    EXPECT_NEAR(Sum(episode.actions), wanted["action_sum"], 1e-9);
    EXPECT_NEAR(Sum(episode.rewards), wanted["episode_return"], 1e-9);
    steps += episode.length();
  }
  EXPECT_EQ(reader->info().steps, steps);
}

INSTANTIATE_TEST_SUITE_P(Files, FixturesTest,
                         testing::Values("minari_box", "minari_discrete", "d4rl.hdf5",
                                         "d4rl_old.hdf5", "d4rl_plain.hdf5", "d4rl_discrete.hdf5",
                                         "d4rl_no_rewards.hdf5"),
                         [](const auto& info) {
                           return info.param.substr(0, info.param.find('.'));
                         });

TEST(MinariReaderTest, MetadataSayTaskAndBounds) {
  const DatasetInfo info = OpenDataset(Fixture("minari_box"))->info();
  EXPECT_EQ(info.environment, "Pendulum-v1");
  EXPECT_EQ(info.action_low, std::vector<double>{-2});
  EXPECT_EQ(info.action_high, std::vector<double>{2});
}

TEST(MinariReaderTest, AnyPathIntoTheFolderServes) {
  for (const char* inside : {"", "/", "/data", "/data/main_data.hdf5"}) {
    EXPECT_EQ(OpenDataset(Fixture("minari_box") + inside)->info().episodes, 12) << inside;
  }
}

TEST(D4rlReaderTest, WholeNumbersAreDiscreteActions) {
  const EpisodeSet set = EpisodeSet::Load({Fixture("d4rl_discrete.hdf5")});
  EXPECT_EQ(set.info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(set.info().action_size, 4);
  for (int64_t t = 0; t < set.length(0); ++t) {
    const auto row = set.actions(0).subspan(t * 4, 4);
    EXPECT_EQ(std::accumulate(row.begin(), row.end(), 0.0F), 1.0F);
  }
}

TEST(D4rlReaderTest, MissingRewardsAreSaidAndZero) {
  const EpisodeSet set = EpisodeSet::Load({Fixture("d4rl_no_rewards.hdf5")});
  EXPECT_FALSE(set.info().has_rewards);
  EXPECT_EQ(set.episode_return(0), 0);
}

}  // namespace
}  // namespace longplay
