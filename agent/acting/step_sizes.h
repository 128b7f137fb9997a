// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/runs/policy_record.h"
#include "datasets/episode.h"
#include "env/environment_spec.h"

namespace longplay {

/// What a policy, data and an environment must agree on.
struct StepSizes {
  int64_t observation_size = 0;  // O
  int64_t action_size = 0;       // A; of discrete actions how many there are
  ActionKind action_kind = ActionKind::kContinuous;

  bool operator==(const StepSizes&) const = default;
  /// "4 observations and 5 discrete actions"; continuous ones are "actions".
  std::string text() const;
};

StepSizes SizesOf(const EnvironmentSpec& spec);
StepSizes SizesOf(const DatasetInfo& data);
StepSizes SizesOf(const PolicyRecord& policy);

/// Throws std::invalid_argument where they differ: "<where>: expected <sizes> <as in what>, got ...".
void CheckSizes(const StepSizes& got, const StepSizes& expected, const std::string& where,
                const std::string& as_in);

/// An environment's kind of action, as data have it.
ActionKind ActionKindOf(const EnvironmentSpec& spec);

}  // namespace longplay
