// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <utility>

#include "agent/acting/policy.h"

namespace longplay {

/// Any callable as a policy without a context: what tests, oracles and onlookers play.
class FunctionPolicy : public Policy {
 public:
  /// Fills actions as Policy::Act does.
  using Function = std::function<void(const RolloutView& view, std::span<double> actions)>;

  explicit FunctionPolicy(Function act) : act_(std::move(act)) {}

  void Act(const RolloutView& view, std::span<double> actions) override { act_(view, actions); }
  void Watch(const RolloutView&, std::span<const double>) override {}  // it remembers nothing
  PolicyDescription description() const override { return {}; }
  int64_t context_bytes() const override { return 0; }

 private:
  Function act_;
};

}  // namespace longplay
