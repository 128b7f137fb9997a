// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace longplay {

/// What a column of steps is.
enum class StepRole {
  kObservations,
  kNextObservations,
  kActions,
  kRewards,
  kTerminals,
  kTimeouts,
  kEpisodes,
  kCounter,
  kGroup
};

/// Whether a column's name, in whatever case, is one that others use for this role alone:
/// "observations", "obs"; "done", "terminated" ... Of several the least rank is meant; -1 = none.
int64_t ExactRank(const std::string& name, StepRole role);

/// Whether a name begins as those of this role do where there are several: "obs_0", "obs.x",
/// "action[2]", "next_obs_0". Not "obstacle", nor what is kept beside actions ("action_log_prob").
bool IsNameOfSeveral(const std::string& name, StepRole role);

/// Whether a column is recorded beside the steps: states of the simulator and "infos/goal".
bool IsInfoName(const std::string& name);

/// What stands behind the role's word: "_0" of "obs_0"; equal for "next_obs_0".
std::string NameSuffix(const std::string& name, StepRole role);

}  // namespace longplay
