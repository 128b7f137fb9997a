// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "agent/acting/policy.h"
#include "agent/config/context_use.h"

namespace longplay {

struct LoadedPolicy;

/// A sequence model acting for B chains at once, with everything it has seen in context: each chain
/// has a context of its own length. With a categorical head actions are numbers of choices.
class SequencePolicy : public Policy {
 public:
  /// `loaded` must hold a network, which is shared. Throws std::invalid_argument for a window that
  /// its mixer cannot have.
  SequencePolicy(const LoadedPolicy& loaded, const PolicyOptions& options);
  ~SequencePolicy() override;

  /// Actions of chains that are not active stay as they are. Costs O(context) per decision with
  /// attention, else O(1).
  void Act(const RolloutView& view, std::span<double> actions) override;
  void Watch(const RolloutView& view, std::span<const double> actions) override;

  PolicyDescription description() const override;
  int64_t context_bytes() const override;
  double model_seconds() const override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Whether each episode is a chain of its own when the policy is used so.
bool PlaysSingleEpisodes(const LoadedPolicy& policy, ContextUse use);
/// Whether the policy remembers the running episode alone.
bool ForgetsEpisodes(const LoadedPolicy& policy, ContextUse use);

}  // namespace longplay
