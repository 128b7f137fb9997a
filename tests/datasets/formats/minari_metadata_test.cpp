// SPDX-License-Identifier: MIT
#include "datasets/formats/minari_metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "datasets/data_error.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(MinariMetadataTest, EveryKeyHasItsPlace) {
  const MinariMetadata metadata = ParseMinariMetadata(
      {{"data_format", "arrow"},
       {"action_space", R"({"type": "Discrete", "dtype": "int64", "n": 5, "start": 2})"},
       {"observation_space",
        R"({"type": "Box", "dtype": "float32", "shape": [1], "low": [-1.0], "high": [2.0]})"},
       {"env_spec", R"({"id": "Hopper-v5"})"},
       {"longplay_action_repeat", 4},
       {"longplay_max_episode_steps", 250},
       {"ref_min_score", -1.5},
       {"ref_max_score", 20}});
  EXPECT_EQ(metadata.data_format, "arrow");
  EXPECT_EQ(metadata.action_space.n, 5);
  EXPECT_EQ(metadata.action_space.start, 2);
  EXPECT_THAT(metadata.observation_space.high, ElementsAre(2));
  EXPECT_EQ(metadata.environment, "Hopper-v5");
  EXPECT_EQ(metadata.action_repeat, 4);
  EXPECT_EQ(metadata.max_episode_steps, 250);
  EXPECT_EQ(metadata.reference_min, -1.5);
  EXPECT_EQ(metadata.reference_max, 20);
}

TEST(MinariMetadataTest, OurOwnNameOfTheTaskComesFirst) {
  const MinariMetadata metadata = ParseMinariMetadata(
      {{"longplay_environment", "family/cartpole-v0"}, {"env_spec", R"({"id": "CartPole-v1"})"}});
  EXPECT_EQ(metadata.environment, "family/cartpole-v0");
}

TEST(MinariMetadataTest, KeysThatAreMissingOrOfAnotherTypeKeepTheirDefault) {
  for (const nlohmann::json& json :
       {nlohmann::json::object(), nlohmann::json{{"data_format", 1},
                                                 {"action_space", nullptr},
                                                 {"env_spec", {1, 2}},
                                                 {"longplay_action_repeat", "4"},
                                                 {"longplay_max_episode_steps", 1e300},
                                                 {"ref_min_score", "low"}}}) {
    const MinariMetadata metadata = ParseMinariMetadata(json);
    EXPECT_EQ(metadata.data_format, "");
    EXPECT_EQ(metadata.action_space.type, "");
    EXPECT_EQ(metadata.environment, "");
    EXPECT_EQ(metadata.action_repeat, 1);
    EXPECT_EQ(metadata.max_episode_steps, 0);
    EXPECT_EQ(metadata.max_episode_steps, 0);
    EXPECT_FALSE(metadata.reference_min.has_value());
  }
}

TEST(MinariMetadataTest, FileThatIsNoObjectIsNamed) {
  const std::string path = TemporaryPath("metadata.json");
  EXPECT_THAT(
      [&] { ReadJsonObject(path); },
      ThrowsMessage<DataError>(HasSubstr(path + ": expected a readable file, got No such file")));
  std::ofstream(path) << "[1, 2]";
  EXPECT_THAT([&] { ReadJsonObject(path); },
              ThrowsMessage<DataError>(HasSubstr("expected a JSON object, got [1, 2]")));
}

}  // namespace
}  // namespace longplay
