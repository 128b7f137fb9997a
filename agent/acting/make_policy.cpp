// SPDX-License-Identifier: MIT
#include "agent/acting/make_policy.h"

#include <torch/types.h>

#include <stdexcept>
#include <string>

#include "agent/acting/actor_policy.h"
#include "agent/acting/sequence_policy.h"
#include "agent/runs/checkpoint.h"

namespace longplay {

std::unique_ptr<Policy> MakePolicy(const std::string& path, const PolicyOptions& options) {
  return MakePolicy(LoadPolicy(path, torch::kCPU), options);
}

std::unique_ptr<Policy> MakePolicy(const LoadedPolicy& loaded, const PolicyOptions& options) {
  if (options.chains < 1) {
    throw std::invalid_argument("making a policy: chains: expected at least 1, got " +
                                std::to_string(options.chains));
  }
  if (loaded.actor) return std::make_unique<ActorPolicy>(loaded, options.chains);
  return std::make_unique<SequencePolicy>(loaded, options);
}

}  // namespace longplay
