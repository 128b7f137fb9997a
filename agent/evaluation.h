// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/checkpoint.h"
#include "agent/rollout.h"
#include "agent/statistics.h"
#include "env/environment_spec.h"

namespace longplay {

/// Returns of S seeds × E episodes of one policy, and what they say.
struct EvaluationResult {
  std::string environment;
  double target = 0;
  ActionChoice act = ActionChoice::kMean;
  uint64_t seed = 0;
  std::vector<std::vector<double>> returns;   // [S][E]
  std::vector<std::vector<int64_t>> lengths;  // [S][E] decisions
  int64_t diverged = 0;                       // episodes ended by a diverging simulation
  double seconds = 0;
  std::optional<double> reference_min, reference_max;  // returns that score 0 and 1

  Estimate first() const;
  Estimate last() const;
  Estimate best() const;                     // the largest of E, as some papers report
  Estimate mean() const;                     // over all E
  std::vector<Estimate> by_episode() const;  // [E]
};

nlohmann::json ToJson(const EvaluationResult& result);

/// Rolls the policy out as record.options.evaluate says: S seeds side by side, E episodes each.
/// Hidden parameters come from the held-out set. Throws std::invalid_argument when the policy does
/// not fit the environment.
EvaluationResult Evaluate(const LoadedPolicy& policy, const EvaluateOptions& options,
                          ContextUse use, const std::function<void(int64_t)>& on_decision = {});

/// Returns scored 0 and 1 for the D4RL tasks (Gymnasium's v5 ids included), else nothing.
/// Source: Farama-Foundation/D4RL d4rl/infos.py.
std::optional<std::pair<double, double>> ReferenceReturns(const std::string& environment);

}  // namespace longplay
