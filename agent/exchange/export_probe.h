// SPDX-License-Identifier: MIT
#pragma once

#include "agent/files/safetensors.h"
#include "agent/runs/checkpoint.h"

namespace longplay {

/// Two episodes of 12 decisions in one chain, by the mean, for programs that act with an exported
/// policy to compare themselves with:
///
///   observations [N, O]  in the task's units, float64, as all here
///   rewards      [N]     of the previous decision
///   starts       [N]     1 = the first decision of an episode
///   actions      [N, C]  what the policy does, in the task's units
TensorMap ExportedProbe(const LoadedPolicy& policy);

}  // namespace longplay
