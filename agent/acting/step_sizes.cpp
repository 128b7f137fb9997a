// SPDX-License-Identifier: MIT
#include "agent/acting/step_sizes.h"

#include <stdexcept>

namespace longplay {

std::string StepSizes::text() const {
  return std::to_string(observation_size) + " observations and " + std::to_string(action_size) +
         (action_kind == ActionKind::kDiscrete ? " discrete actions" : " actions");
}

StepSizes SizesOf(const EnvironmentSpec& spec) {
  return {.observation_size = spec.observation_size,
          .action_size = spec.action_size,
          .action_kind = ActionKindOf(spec)};
}

StepSizes SizesOf(const DatasetInfo& data) {
  return {.observation_size = data.observation_size,
          .action_size = data.action_size,
          .action_kind = data.action_kind};
}

StepSizes SizesOf(const PolicyRecord& policy) {
  return {.observation_size = policy.normalizer.observation_size(),
          .action_size = policy.normalizer.action_size(),
          .action_kind = policy.action_kind};
}

void CheckSizes(const StepSizes& got, const StepSizes& expected, const std::string& where,
                const std::string& as_in) {
  if (got == expected) return;
  throw std::invalid_argument(where + ": expected " + expected.text() + " " + as_in + ", got " +
                              got.text());
}

ActionKind ActionKindOf(const EnvironmentSpec& spec) {
  return spec.action_space == ActionSpace::kDiscrete ? ActionKind::kDiscrete
                                                     : ActionKind::kContinuous;
}

}  // namespace longplay
