// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>

#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {

/// One decision an episode: reward 1 for an action of 0.5, 0 for -0.5; both are as frequent.
inline std::string WriteGoodAndBad() {
  std::string path = TemporaryPath("halves");
  MinariWriter writer(
      path, {.observation_size = 1, .action_size = 1, .action_low = {-1}, .action_high = {1}});
  for (int e = 0; e < 64; ++e) {
    const double action = e % 2 == 0 ? 0.5 : -0.5;
    writer.Write({.observation_size = 1,
                  .action_columns = 1,
                  .observations = {std::sin(e), 0},
                  .actions = {action},
                  .rewards = {action > 0 ? 1.0 : 0.0},
                  .terminated = true});
  }
  writer.Finish();
  return path;
}

}  // namespace longplay
