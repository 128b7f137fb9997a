// SPDX-License-Identifier: MIT
#include "runtime/environments/spec_text.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace longplay {
namespace {

using nlohmann::json;

json SizesOf(const EnvironmentSpec& spec) {
  return {{"id", spec.id},
          {"observation_size", spec.observation_size},
          {"action_size", spec.action_size},
          {"action_columns", spec.action_columns()},
          {"action_space", spec.action_space == ActionSpace::kDiscrete ? "discrete" : "continuous"},
          {"max_episode_steps", spec.max_episode_steps},
          {"parameter_size", spec.parameter_size}};
}

/// JSON has no infinities.
json BoundsOf(const std::vector<double>& values) {
  json list = json::array();
  for (const double value : values) {
    list.push_back(std::isfinite(value) ? json(value) : json(nullptr));
  }
  return list;
}

}  // namespace

std::string SpecText(Environment& environment) {
  json text = SizesOf(environment.spec());
  text["action_low"] = BoundsOf(environment.spec().action_low);
  text["action_high"] = BoundsOf(environment.spec().action_high);
  text["batch"] = environment.batch();
  const PhysicsStates* states = environment.physics_states();
  text["position_size"] = states == nullptr ? 0 : states->position_size();
  text["velocity_size"] = states == nullptr ? 0 : states->velocity_size();
  return text.dump();
}

std::string ListText(const std::vector<EnvironmentSpec>& specs) {
  json list = json::array();
  for (const EnvironmentSpec& spec : specs) list.push_back(SizesOf(spec));
  return list.dump();
}

}  // namespace longplay
