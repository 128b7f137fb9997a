// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "agent/config/run_options.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {

/// Twelve episodes of six steps whose actions follow from the observation, so that a policy can
/// learn them: two numbers are seen, the action is 0.8 times the first. Episode e earns
/// e * reward_step a step; three episodes in a row are one history. `overflows`: float32 holds every
/// number, but not the first step's second one less the mean.
inline std::string WriteSmallData(double reward_step = 0.125, bool overflows = false) {
  std::string path = TemporaryPath("small_data");
  MinariWriter writer(
      path, {.observation_size = 2, .action_size = 1, .action_low = {-1}, .action_high = {1}});
  for (int64_t e = 0; e < 12; ++e) {
    Episode episode{.observation_size = 2, .action_columns = 1, .truncated = true};
    for (int64_t t = 0; t <= 6; ++t) {
      const double first = std::sin(static_cast<double>(3 * e + 2 * t));
      const double second = overflows ? (t == 0 ? 3.4e38 : -3.4e38) : static_cast<double>(t);
      episode.observations.insert(episode.observations.end(), {first, second});
      if (t == 6) break;
      episode.actions.push_back(0.8 * first);
      episode.rewards.push_back(static_cast<double>(e) * reward_step);
    }
    writer.Write(episode, {{"history", e / 3}});
  }
  writer.Finish();
  return path;
}

/// A policy that trains in milliseconds a step.
inline RunOptions SmallRun(const std::string& data) {
  RunOptions options;
  options.data.files = {data};
  options.chain.episodes = 2;
  options.model.layers = 2;
  options.model.attention.width = 16;
  options.model.attention.heads = 2;
  options.model.dropout = 0.1;
  options.train.steps = 8;
  options.train.tokens_per_step = 48;
  options.train.learning_rate = 3e-3;
  options.train.warmup_steps = 2;
  options.train.log_every = 2;
  options.train.checkpoint_every = 4;
  return options;
}

}  // namespace longplay
