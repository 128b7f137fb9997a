// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <span>

#include "agent/acting/policy.h"
#include "agent/runs/checkpoint.h"

namespace longplay {

/// TD3+BC's policy acting for B chains at once: what it does depends on the observation alone, so
/// there is no context, no target and nothing to draw.
class ActorPolicy : public Policy {
 public:
  /// `loaded` must hold an actor, which is shared.
  ActorPolicy(const LoadedPolicy& loaded, int64_t chains);

  void Act(const RolloutView& view, std::span<double> actions) override;
  void Watch(const RolloutView&, std::span<const double>) override {}  // it remembers nothing

  PolicyDescription description() const override;
  int64_t context_bytes() const override { return 0; }

 private:
  LoadedPolicy policy_;
  torch::Tensor observations_;  // [B, O] float32 on the CPU, normalised
};

}  // namespace longplay
