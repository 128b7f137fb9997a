// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/learners/acting_weights.h"
#include "agent/runs/policy_record.h"

namespace longplay {

/// Measures a policy in the midst of its training. What it does must not change what is trained.
class StepEvaluator {
 public:
  StepEvaluator() = default;
  StepEvaluator(const StepEvaluator&) = delete;
  StepEvaluator& operator=(const StepEvaluator&) = delete;
  virtual ~StepEvaluator() = default;

  /// Names of what it measures: further columns of metrics.csv.
  virtual std::vector<std::string> columns() const = 0;
  /// [columns] of the policy that acts with these weights.
  virtual std::vector<double> Measure(const TensorMap& weights, const PolicyRecord& record) = 0;
};

}  // namespace longplay
