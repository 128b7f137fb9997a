// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "env/batched_environment.h"
#include "env/mujoco_log.h"
#include "env/random_generator.h"

namespace longplay {

/// Fails a test in which MuJoCo warns of anything that is not on the list of harmless warnings.
class MujocoTest : public testing::Test {
 protected:
  MujocoTest() {
    SetMujocoWarningSink(
        [](const std::string& warning) { ADD_FAILURE() << "MuJoCo: " << warning; });
  }
};

/// Actions within the task's bounds, [B, A].
inline std::vector<double> RandomActions(const BatchedEnvironment& environment, uint64_t seed) {
  RandomGenerator random(seed, RandomGenerator::Stream::kEpisode);
  const EnvironmentSpec& spec = environment.spec();
  std::vector<double> actions;
  for (int64_t i = 0; i < environment.batch(); ++i) {
    for (int64_t a = 0; a < spec.action_size; ++a) {
      actions.push_back(random.Uniform(spec.action_low[a], spec.action_high[a]));
    }
  }
  return actions;
}

}  // namespace longplay
