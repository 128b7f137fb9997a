// SPDX-License-Identifier: MIT
#pragma once

#include <random>
#include <string>

#include "agent/training/train.h"
#include "datasets/writers/minari_writer.h"
#include "tests/agent/small_data.h"

namespace longplay {

/// Twelve episodes of ten steps with the sizes of Gymnasium's InvertedPendulum-v5, which a policy
/// that knows little plays for some ten steps: quick to evaluate. The action pushes against the
/// pole's angle.
inline std::string WritePendulumData(const std::string& name = "pendulum_data", uint64_t seed = 0) {
  std::string path = TemporaryPath(name);
  MinariWriter writer(path, {.environment = "InvertedPendulum-v5",
                             .observation_size = 4,
                             .action_size = 1,
                             .action_low = {-3},
                             .action_high = {3},
                             .reference_min = 2,
                             .reference_max = 12});
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> draw(-0.2, 0.2);
  for (int64_t e = 0; e < 12; ++e) {
    Episode episode{.observation_size = 4, .action_columns = 1, .terminated = true};
    for (int64_t t = 0; t <= 10; ++t) {
      for (int i = 0; i < 4; ++i) episode.observations.push_back(draw(random));
      if (t == 10) break;
      episode.actions.push_back(10 * episode.observations[4 * t + 1]);
      episode.rewards.push_back(1);
    }
    writer.Write(episode, {{"history", e / 3}});
  }
  writer.Finish();
  return path;
}

inline RunOptions PendulumRun(uint64_t seed) {
  RunOptions options = SmallRun(TemporaryPath("pendulum_data"));
  options.train.seed = seed;
  options.train.checkpoint_every = 2;  // steps 4, 6 and 8 are kept
  options.evaluate.episodes = 2;
  options.evaluate.seeds = 3;
  options.evaluate.action_repeat = 0;
  return options;
}

/// A run folder of that name, trained on WritePendulumData's file, which must be there.
inline std::string TrainPendulum(const std::string& name, uint64_t seed = 0) {
  const RunOptions options = PendulumRun(seed);
  Train(options, EpisodeSet::Load(options.data.files), TemporaryPath(name), RunStart::kFresh, {});
  return TemporaryPath(name);
}

}  // namespace longplay
