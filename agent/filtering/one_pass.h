// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "agent/runs/checkpoint.h"
#include "datasets/chains/step_rows.h"

namespace longplay {

/// What a policy does after each of `marks` [M] steps (ascending, from 1) of B chains that do not
/// depend on its actions: one forward pass over each chain in place of a pass for each step. Equal
/// to acting step by step up to rounding.
///   rows    [B * T] what it sees
///   window  [steps] the context is cut to: each mark beyond is a pass over the last so many; 0 = all
///   returns [B, M, A] mean actions in the task's units, inside the bounds
std::vector<double> ActInOnePass(const LoadedPolicy& policy, StepRows& rows, int64_t chains,
                                 const std::vector<int64_t>& marks, int64_t window);

}  // namespace longplay
