// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/runs/policy_record.h"
#include "datasets/chains/step_rows.h"
#include "env/family/fog.h"

namespace longplay {

/// Which episodes of family/fog-v0: those that `eval` plays first in chains first, first + 1, ...
struct FogDraw {
  std::string environment;  // id, with its arguments
  uint64_t seed = 1000;     // of chain 0
  int64_t first = 0, count = 1;
  int64_t steps = 1;  // of each
};

/// B episodes, as a policy sees them and as the Kalman filter understands them. Actions change
/// nothing, so nobody needs to act for that.
struct FogEpisodes {
  StepRows rows;              // [B * T] in the policy's units
  std::vector<double> means;  // [B, M, kFogSize] of the filter after each of `marks` readings
};

/// `marks` [M] are numbers of readings, ascending, from 1 to draw.steps.
FogEpisodes DrawFogEpisodes(const FogDraw& draw, const PolicyRecord& record,
                            const std::vector<int64_t>& marks);

}  // namespace longplay
