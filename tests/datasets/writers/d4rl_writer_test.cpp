// SPDX-License-Identifier: MIT
#include "datasets/writers/d4rl_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_file.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

enum class Final { kRecorded, kNot };

/// Two steps that see `first` and what follows it.
Episode TwoSteps(double first, Final final = Final::kRecorded) {
  Episode episode{.observation_size = 1,
                  .action_columns = 1,
                  .observations = {first, first + 1},
                  .actions = {0.5, 1},
                  .rewards = {10 * first, 10 * first + 1}};
  if (final == Final::kRecorded) episode.observations.push_back(first + 2);
  return episode;
}

Hdf5File Written(const std::vector<Episode>& episodes, const DatasetInfo& info,
                 const std::vector<EpisodeExtras>& extras = {}) {
  const std::string path = TemporaryPath("flat.hdf5");
  D4rlWriter writer(path, info);
  for (size_t e = 0; e < episodes.size(); ++e) {
    writer.Write(episodes[e], extras.empty() ? EpisodeExtras{} : extras[e]);
  }
  writer.Finish();
  return Hdf5File(path);
}

const DatasetInfo kInfo = {.observation_size = 1, .action_size = 1};

TEST(D4rlWriterTest, EpisodesStandOneAfterAnother) {
  const Hdf5File file = Written({TwoSteps(1), TwoSteps(5)}, kInfo);
  EXPECT_THAT(file.Open("observations").Read(), ElementsAre(1, 2, 5, 6));
  EXPECT_THAT(file.Open("observations").info().shape, ElementsAre(4, 1));
  EXPECT_THAT(file.Open("next_observations").Read(), ElementsAre(2, 3, 6, 7));
  EXPECT_THAT(file.Open("actions").Read(), ElementsAre(0.5, 1, 0.5, 1));
  EXPECT_THAT(file.Open("rewards").Read(), ElementsAre(10, 11, 50, 51));
  EXPECT_THAT(file.Open("longplay/length").Read(), ElementsAre(2, 2));
}

TEST(D4rlWriterTest, WithoutAFinalObservationTheLastOneStandsThereAndThatIsSaid) {
  const Hdf5File file = Written({TwoSteps(1, Final::kNot), TwoSteps(5)}, kInfo);
  EXPECT_THAT(file.Open("next_observations").Read(), ElementsAre(2, 2, 6, 7));
  EXPECT_THAT(file.Open("longplay/final_observation").Read(), ElementsAre(0, 1));
}

TEST(D4rlWriterTest, EveryEpisodeHasAnEndFlag) {
  std::vector<Episode> episodes(4, TwoSteps(1));
  episodes[1].terminated = episodes[3].terminated = true;
  episodes[2].truncated = episodes[3].truncated = true;
  const Hdf5File file = Written(episodes, kInfo);
  EXPECT_THAT(file.Open("terminals").Read(), ElementsAre(0, 0, 0, 1, 0, 0, 0, 1));
  EXPECT_THAT(file.Open("timeouts").Read(), ElementsAre(0, 1, 0, 0, 0, 1, 0, 1));
  EXPECT_THAT(file.Open("longplay/ends").Read(), ElementsAre(0, 1, 2, 3)) << "as they were";
  EXPECT_EQ(file.Open("terminals").info().type, "bool");
}

TEST(D4rlWriterTest, NumbersHaveTheTypesOfTheSource) {
  DatasetInfo info = kInfo;
  info.observation_type = "float32";
  info.action_type = "float64";
  info.reward_type = "int16";
  const Hdf5File file = Written({TwoSteps(1)}, info);
  EXPECT_EQ(file.Open("observations").info().type, "float32");
  EXPECT_EQ(file.Open("next_observations").info().type, "float32");
  EXPECT_EQ(file.Open("actions").info().type, "float64");
  EXPECT_EQ(file.Open("rewards").info().type, "int16");
}

TEST(D4rlWriterTest, DiscreteActionsHaveTheNumbersOfTheSource) {
  Episode episode = TwoSteps(1);
  episode.actions = {0, 2};
  DatasetInfo info = kInfo;
  info.action_kind = ActionKind::kDiscrete;
  info.action_size = 4;
  info.action_start = 5;
  info.action_type = "int64";
  const Hdf5File file = Written({episode}, info);
  EXPECT_THAT(file.Open("actions").Read(), ElementsAre(5, 7));
  EXPECT_THAT(file.Open("actions").info().shape, ElementsAre(2));
  EXPECT_EQ(file.NumberAttribute("longplay", "actions"), 4);
  EXPECT_EQ(file.NumberAttribute("longplay", "action_start"), 5);
}

TEST(D4rlWriterTest, RootSaysOnlyWhatIsKnown) {
  EXPECT_EQ(Written({TwoSteps(1)}, kInfo).StringAttribute("/", "env_id"), std::nullopt);
  EXPECT_EQ(Written({TwoSteps(1)}, kInfo).NumberAttribute("/", "max_episode_steps"), std::nullopt);
  EXPECT_EQ(Written({TwoSteps(1)}, kInfo).NumberAttribute("/", "action_repeat"), std::nullopt);
  DatasetInfo info = kInfo;
  info.environment = "Hopper-v5";
  info.max_episode_steps = 1000;
  info.action_repeat = 2;
  info.reference_max = 3;
  const Hdf5File file = Written({TwoSteps(1)}, info);
  EXPECT_EQ(file.StringAttribute("/", "env_id"), "Hopper-v5");
  EXPECT_EQ(file.NumberAttribute("/", "max_episode_steps"), 1000);
  EXPECT_EQ(file.NumberAttribute("/", "action_repeat"), 2);
  EXPECT_EQ(file.NumberAttribute("/", "ref_max_score"), 3);
  EXPECT_EQ(file.NumberAttribute("/", "ref_min_score"), std::nullopt);
}

TEST(D4rlWriterTest, RewardsThatWereNotRecordedAreNotMadeUp) {
  Episode episode = TwoSteps(1);
  episode.rewards.clear();
  DatasetInfo info = kInfo;
  info.has_rewards = false;
  EXPECT_FALSE(Written({episode}, info).Exists("rewards"));
}

TEST(D4rlWriterTest, SeedsKeepAllTheirBits) {
  const uint64_t seed = 0xfedcba9876543210;
  const Hdf5File file =
      Written({TwoSteps(1), TwoSteps(2)}, kInfo, {EpisodeExtras{}, {.seed = seed}});
  EXPECT_THAT(file.Open("longplay/has_seed").Read(), ElementsAre(0, 1));
  EXPECT_THAT(file.Open("longplay/seed").Read(),
              ElementsAre(0, 0, double{0xfedcba98}, double{0x76543210}));
}

TEST(D4rlWriterTest, InfosLoseNoRow) {
  EpisodeExtras extras;
  extras.infos["goal/x"] = {.type = "int32", .row_shape = {}, .values = {1, 2, 3}};
  extras.infos["pose"] = {.type = "float32", .row_shape = {2}, .values = {1, 2, 3, 4}};
  const Hdf5File file = Written({TwoSteps(1), TwoSteps(2)}, kInfo, {extras, extras});
  EXPECT_THAT(file.Open("infos/goal/x").Read(), ElementsAre(1, 2, 1, 2));
  EXPECT_THAT(file.Open("longplay/last_infos/goal/x").Read(), ElementsAre(3, 3));
  EXPECT_THAT(file.Open("infos/pose").Read(), ElementsAre(1, 2, 3, 4, 1, 2, 3, 4));
  EXPECT_THAT(file.Open("infos/pose").info().shape, ElementsAre(4, 2));
  EXPECT_FALSE(file.Exists("longplay/last_infos/pose"));
}

TEST(D4rlWriterTest, InfosMustBeAlikeInEveryEpisode) {
  const auto refusal = [](const EpisodeExtras& second) {
    EpisodeExtras first;
    first.infos["x"] = {.values = {1, 2}};
    const std::string path = TemporaryPath("flat.hdf5");
    D4rlWriter writer(path, kInfo);
    writer.Write(TwoSteps(1), first);
    try {
      writer.Write(TwoSteps(2), second);
    } catch (const WriteError& error) {
      return std::string(error.what()).substr(("writing data: " + path + ": ").size());
    }
    return std::string("written");
  };
  EpisodeExtras extras;
  EXPECT_EQ(refusal(extras), "episode 1: expected the infos of the episodes before, got others");
  extras.infos["y"] = {.values = {1, 2}};
  EXPECT_EQ(refusal(extras), "infos/y: expected it alike in every episode, got a difference");
  extras.infos.clear();
  extras.infos["x"] = {.values = {1, 2, 3}};
  EXPECT_EQ(refusal(extras), "infos/x: expected it alike in every episode, got a difference");
  extras.infos["x"] = {.values = {1}};
  EXPECT_EQ(refusal(extras), "infos/x: expected a row a step, or one more, got another number");
}

TEST(D4rlWriterTest, NothingIsInPlaceUntilItIsFinished) {
  const std::string path = TemporaryPath("flat.hdf5");
  {
    D4rlWriter writer(path, kInfo);
    writer.Write(TwoSteps(1), {});
    EXPECT_FALSE(fs::exists(path));
    EXPECT_TRUE(fs::exists(path + ".partial"));
  }
  EXPECT_FALSE(fs::exists(path + ".partial"));
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace longplay
