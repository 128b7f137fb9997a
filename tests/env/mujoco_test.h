// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/list/list_environments.h"
#include "env/list/make_listed_environment.h"
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

/// One of MuJoCo's tasks of each kind: the first of every domain ("dm_control/walker-run-v0" and
/// others of dm_control/walker share model and code).
inline std::vector<std::string> TaskOfEachDomain() {
  std::vector<std::string> ids;
  std::string last;
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    const std::string domain = spec.id.substr(0, spec.id.find('-'));
    if (domain != last && MakeListedEnvironment(spec.id, {})->physics_states() != nullptr) {
      ids.push_back(spec.id);
    }
    last = domain;
  }
  return ids;
}

/// Actions within the task's bounds, [B, A].
inline std::vector<double> RandomActions(const Environment& environment, uint64_t seed) {
  RandomGenerator random(seed, RandomGenerator::Stream::kEpisode);
  const int64_t columns = environment.spec().action_columns();
  std::vector<double> actions(environment.batch() * columns);
  for (int64_t i = 0; i < environment.batch(); ++i) {
    DrawAction(environment.spec(), random, std::span(actions).subspan(i * columns, columns));
  }
  return actions;
}

}  // namespace longplay
