// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <span>

#include "agent/acting/policy.h"
#include "agent/runs/checkpoint.h"

namespace longplay {

/// TD3+BC's policy acting for B chains at once: what it does depends on the observation alone, so
/// there is no context, no target and nothing to draw.
class ActorPolicy {
 public:
  /// `loaded` must hold an actor, which is shared.
  ActorPolicy(const LoadedPolicy& loaded, int64_t chains);

  /// Actions [B, A] in the data's units and inside its bounds.
  void operator()(const RolloutView& view, std::span<double> actions);

  const PolicyRecord& record() const { return policy_.record; }

 private:
  LoadedPolicy policy_;
  torch::Tensor observations_;  // [B, O] float32 on the CPU, normalised
};

}  // namespace longplay
