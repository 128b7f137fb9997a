// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/acting/policy.h"
#include "agent/acting/rollout.h"
#include "agent/runs/checkpoint.h"
#include "agent/scores/return_reference.h"
#include "agent/scores/statistics.h"
#include "env/environment_spec.h"

namespace longplay {

/// What the E returns of one context are reduced to: that of its first or last episode, their mean,
/// or the largest, as some papers report.
enum class Measure { kFirst, kLast, kMean, kBest };

/// Returns of S seeds × E episodes of one policy, and what they say. Intervals resample the seeds.
struct EvaluationResult {
  std::string environment;
  double target = 0;
  ActionChoice act = ActionChoice::kMean;
  uint64_t seed = 0;
  std::vector<std::vector<double>> returns;   // [S][E]
  std::vector<std::vector<int64_t>> lengths;  // [S][E] decisions
  int64_t diverged = 0;                       // episodes ended by a diverging simulation
  double seconds = 0;
  std::optional<ReturnReference> reference;  // none: returns are reported raw
  std::vector<std::string> notes;            // what of it is beyond the policy's training

  std::vector<double> PerSeed(Measure measure) const;  // [S]
  Estimate first() const { return BootstrapMean(PerSeed(Measure::kFirst)); }
  Estimate last() const { return BootstrapMean(PerSeed(Measure::kLast)); }
  Estimate mean() const { return BootstrapMean(PerSeed(Measure::kMean)); }
  Estimate best() const { return BootstrapMean(PerSeed(Measure::kBest)); }
  std::vector<Estimate> by_episode() const;  // [E]
};

/// What the results of training runs of one policy in one environment say together. One run:
/// intervals resample its evaluation seeds; several: the runs, each worth the mean of its seeds.
/// Keys: environment, target, act, seed, returns [R * S][E] and lengths (run after run), diverged,
/// seconds, interval {over, units, ...}, reference {source, ...}, first, last, best, mean,
/// by_episode, normalized (null without a reference), notes.
nlohmann::json ToJson(std::span<const EvaluationResult> runs);
nlohmann::json ToJson(const EvaluationResult& result);

/// How a policy acts for `chains` chains where `options` evaluates it with this target.
PolicyOptions ActingOptions(const EvaluateOptions& options, int64_t chains, double target);

/// What of such an evaluation is beyond anything that the policy was trained on, a phrase each:
/// "has 8 episodes in context and was trained on 2 ...". `lengths` [S][E] decisions.
std::vector<std::string> RangeNotes(const LoadedPolicy& policy, const EvaluateOptions& options,
                                    const std::vector<std::vector<int64_t>>& lengths);

/// Where a policy is evaluated: `chains` simulations with hidden parameters of the held-out set.
/// Throws std::invalid_argument when there is no environment or the policy does not fit it.
std::unique_ptr<Environment> MakeEvaluationEnvironment(const LoadedPolicy& policy,
                                                       const EvaluateOptions& options,
                                                       int64_t chains);

/// Rolls the policy out as record.options.evaluate says: S seeds side by side, E episodes each.
/// Throws as MakeEvaluationEnvironment does.
EvaluationResult Evaluate(const LoadedPolicy& policy, const EvaluateOptions& options,
                          const std::function<void(int64_t)>& on_decision = {});

}  // namespace longplay
