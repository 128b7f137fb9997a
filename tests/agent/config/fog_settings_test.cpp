// SPDX-License-Identifier: MIT
#include "agent/config/fog_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "agent/config/config.h"

namespace longplay {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

RunOptions Settings(const std::vector<std::string>& more) {
  std::vector<std::string> overrides = {"chain.tokens=[observation]", "chain.episodes=1",
                                        "model.step_embedding=false",
                                        "model.episode_embedding=false"};
  overrides.insert(overrides.end(), more.begin(), more.end());
  return WithOverrides(RunOptions(), overrides);
}

TEST(FogSettingsTest, WhatTheMessageAsksForIsTaken) {
  EXPECT_NO_THROW(CheckFogSettings(Settings({}), "here"));
  EXPECT_NO_THROW(CheckFogSettings(Settings({"model.mixer=mamba2", "chain.window=5"}), "here"));
}

TEST(FogSettingsTest, WhatWouldGiveTheAnswerAwayIsRefusedWithTheReason) {
  const auto refused = [](const std::string& setting, const std::string& part) {
    EXPECT_THAT([&] { CheckFogSettings(Settings({setting}), "here"); },
                ThrowsMessage<std::invalid_argument>(
                    testing::AllOf(HasSubstr("here: "), HasSubstr(part),
                                   HasSubstr("it takes chain.tokens=[observation]"))))
        << setting;
  };
  const std::string rewards = "rewards would give the hidden vector away";
  refused("chain.tokens=[observation, reward]", rewards);
  refused("chain.tokens=[observation, return]", rewards);
  refused("chain.tokens=[observation, completion]", rewards);
  refused("chain.tokens=[observation, action]", "the demonstrator's actions are its filter");
  refused("chain.episodes=2", "chain.episodes: expected 1");
  refused("model.step_embedding=true", "model.step_embedding: expected false");
  refused("model.episode_embedding=true", "model.episode_embedding: expected false");
}

}  // namespace
}  // namespace longplay
