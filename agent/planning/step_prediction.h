// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/planning/step_meter.h"

namespace longplay {

/// What an optimiser step over one chain takes, by the chain's length N, from a few short ones.
///
///   bytes   = b0 + b1 N                        exact once N spans several blocks and chunks
///   seconds = t0 + t1 N + t2 visible pairs(N)  fitted, every t at least 0
struct StepPrediction {
  double bytes_fixed = 0, bytes_per_step = 0;
  double seconds_fixed = 0, seconds_per_step = 0, seconds_per_pair = 0;
  std::function<double(int64_t)> pairs;  // of tokens that see each other, all layers; by N

  double Bytes(int64_t steps) const;
  double Seconds(int64_t steps) const { return SecondsOfShare(steps, 1); }
  /// Of one of several ranks that share the chain and its pairs in equal parts.
  double SecondsOfShare(int64_t steps, int64_t ranks) const;
  /// [time steps] of the longest chain within `bytes`; 0 = not even one.
  int64_t Longest(double bytes) const;
};

/// Pairs (query, key) that attention computes in all layers for chains of N time steps.
double VisiblePairs(const RunOptions& fitted, int64_t steps);

/// What steps over one chain took.
struct StepCosts {
  std::vector<StepCost> timed;           // as the options are, shortest first
  std::pair<StepCost, StepCost> memory;  // of two longer lengths, for how memory grows
};

/// Time follows from all that were timed; memory grows as between the two lengths, from what the
/// longest that was timed took.
StepPrediction PredictStep(const StepCosts& costs, std::function<double(int64_t)> pairs);

struct MeasureOptions {
  double seconds = 0.5;  // lengths double until a step takes so long
  int repeats = 3;       // further steps of each length at most, where they are short
};

/// Measures one chain of doubling lengths, the longest several blocks and chunks of the model long,
/// and memory at twice that with a short span. Throws std::invalid_argument for a model whose
/// memory does not grow in proportion.
StepCosts MeasureSteps(const RunOptions& fitted, const MeasureOptions& options);

}  // namespace longplay
