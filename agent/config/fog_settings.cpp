// SPDX-License-Identifier: MIT
#include "agent/config/fog_settings.h"

#include <stdexcept>

namespace longplay {

void CheckFogSettings(const RunOptions& options, const std::string& where) {
  const auto refuse = [&](const std::string& key, const std::string& expected,
                          const std::string& reason, const std::string& got) {
    throw std::invalid_argument(
        where + ": " + key + ": expected " + expected + " for family/fog-v0 (" + reason +
        "), got " + got +
        "; it takes chain.tokens=[observation] chain.episodes=1 model.step_embedding=false "
        "model.episode_embedding=false");
  };
  const TokenOptions& tokens = options.model.tokens;
  if (tokens.use_return || tokens.use_reward || tokens.use_completion) {
    refuse("chain.tokens", "[observation]", "rewards would give the hidden vector away",
           "returns, rewards or completions");
  }
  if (tokens.use_action) {
    refuse("chain.tokens", "[observation]", "the demonstrator's actions are its filter", "actions");
  }
  if (options.chain.episodes != 1) {
    refuse("chain.episodes", "1", "each episode has a hidden vector of its own",
           std::to_string(options.chain.episodes));
  }
  if (options.model.step_embedding) {
    refuse("model.step_embedding", "false",
           "the number of the step is for the context to tell, at any length", "true");
  }
  if (options.model.episode_embedding) {
    refuse("model.episode_embedding", "false", "a chain is one episode", "true");
  }
}

}  // namespace longplay
