// SPDX-License-Identifier: MIT
#include "datasets/store/normalizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "datasets/chains/affine_map.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Normalizer Different() {
  return {.observation_mean = {0.1, -2, 1e-30},
          .observation_std = {1.0 / 3, 4, 1e-6},
          .action_center = {0.5, -0.5},
          .action_scale = {0.25, 2},
          .reward_scale = 0.7,
          .return_scale = 1e-3};
}

std::string Refusal(const nlohmann::json& json) {
  try {
    NormalizerFromJson(json);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

TEST(NormalizerTest, JsonKeepsEveryBit) {
  const Normalizer before = Different();
  const Normalizer after = NormalizerFromJson(nlohmann::json::parse(ToJson(before).dump()));
  EXPECT_EQ(after.observation_mean, before.observation_mean);
  EXPECT_EQ(after.observation_std, before.observation_std);
  EXPECT_EQ(after.action_center, before.action_center);
  EXPECT_EQ(after.action_scale, before.action_scale);
  EXPECT_EQ(after.reward_scale, before.reward_scale);
  EXPECT_EQ(after.return_scale, before.return_scale);
  EXPECT_EQ(after.observation_size(), 3);
  EXPECT_EQ(after.action_size(), 2);
}

TEST(NormalizerTest, FieldThatIsMissingIsNamed) {
  const nlohmann::json whole = ToJson(Different());
  for (const auto& [key, value] : whole.items()) {
    nlohmann::json json = whole;
    json.erase(key);
    EXPECT_THAT(Refusal(json), HasSubstr("reading normalizer: ")) << key;
    EXPECT_THAT(Refusal(json), HasSubstr("'" + key + "'"));
  }
}

TEST(NormalizerTest, FieldOfAnotherTypeIsRefused) {
  nlohmann::json json = ToJson(Different());
  json["reward_scale"] = "one";
  EXPECT_THAT(Refusal(json), HasSubstr("reading normalizer: "));
}

TEST(NormalizerTest, ListsThatDoNotBelongTogetherAreRefused) {
  nlohmann::json observations = ToJson(Different()), actions = observations;
  observations["observation_std"] = {1.0, 2.0};
  EXPECT_THAT(Refusal(observations),
              HasSubstr("reading normalizer: expected equally long lists, got {"));
  actions["action_center"] = {1.0};
  EXPECT_THAT(Refusal(actions), HasSubstr("expected equally long lists"));
}

TEST(NormalizerTest, MapsTakeAwayTheCenterAndDivideByTheScale) {
  const Normalizer normalizer{.observation_mean = {10, -1},
                              .observation_std = {4, 0.5},
                              .action_center = {1},
                              .action_scale = {2}};
  const std::vector<float> observation = {12, -2}, action = {-1};
  std::vector<float> seen(2), done(1);
  AffineMap::OfObservations(normalizer)(observation.data(), seen.data());
  AffineMap::OfActions(normalizer)(action.data(), done.data());
  EXPECT_THAT(seen, ElementsAre(0.5, -2));
  EXPECT_THAT(done, ElementsAre(-1));
}

}  // namespace
}  // namespace longplay
