// SPDX-License-Identifier: MIT
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "datasets/episode_reader.h"
#include "datasets/files/hdf5_file.h"

namespace longplay {

/// Expects of a data set of fixtures/columnar what its own reader said when it was made
/// (fixtures/make_columnar_fixtures.py): identical numbers, ends and infos.
inline void ExpectColumnarEpisodes(const std::string& name) {
  const std::string folder = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/columnar/";
  const Hdf5File expected(folder + "expected.hdf5");
  const auto reader = OpenDataset(folder + name);
  const auto episodes = static_cast<int64_t>(expected.Children(name).size());
  ASSERT_EQ(reader->info().episodes, episodes);
  int64_t steps = 0;
  for (int64_t e = 0; e < episodes; ++e) {
    const std::string group = name + "/" + std::to_string(e);
    const Episode episode = reader->Read(e);
    EXPECT_EQ(episode.observations, expected.Open(group + "/observations").Read());
    EXPECT_EQ(episode.actions, expected.Open(group + "/actions").Read());
    if (reader->info().has_rewards) {
      EXPECT_EQ(episode.rewards, expected.Open(group + "/rewards").Read());
    }
    EXPECT_EQ(episode.terminated, expected.Open(group + "/terminated").Read()[0] != 0);
    EXPECT_EQ(episode.truncated, !episode.terminated);
    steps += episode.length();
    // Infos, which may be in groups.
    const EpisodeExtras extras = reader->ReadExtras(e);
    for (const auto& [info, array] : extras.infos) {
      if (!expected.Exists(group + "/extras/" + info)) continue;
      EXPECT_EQ(array.values, expected.Open(group + "/extras/" + info).Read()) << info;
    }
  }
  EXPECT_EQ(reader->info().steps, steps);
}

}  // namespace longplay
