// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/list/list_environments.h"
#include "env/physics/mujoco_log.h"
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

/// One task of each kind: the first of every domain ("dm_control/walker-run-v0" and others of
/// dm_control/walker share model and code).
inline std::vector<std::string> TaskOfEachDomain() {
  std::vector<std::string> ids;
  std::string last;
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    const std::string domain = spec.id.substr(0, spec.id.find('-'));
    if (domain != last) ids.push_back(spec.id);
    last = domain;
  }
  return ids;
}

/// Actions within the task's bounds, [B, A].
inline std::vector<double> RandomActions(const Environment& environment, uint64_t seed) {
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
