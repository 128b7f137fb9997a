// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/planning/step_prediction.h"

namespace longplay {

/// One way to keep tensors for backward, and how far it gets.
struct ContextRow {
  Keep keep = Keep::kEverything;
  KeptType type = KeptType::kAsComputed;
  int64_t tokens_at_once = 0;
  StepPrediction prediction;
  int64_t measured_steps = 0;  // [time steps] of the longest chain that was measured
  int64_t longest_steps = 0;   // [time steps] of the longest chain in the memory; 0 = none. Of a
                               // chain that ranks share, all of it: each has a memory of this size
  double seconds = 0;          // of an optimiser step over that chain
};

/// The longest context that trains in a memory, one chain an optimiser step.
struct ContextPlan {
  double memory_bytes = 0;   // of the whole process
  double process_bytes = 0;  // that it takes beside tensors and batches, data included
  int64_t tokens_per_time_step = 1;
  int64_t ranks = 1;  // that share a chain (parallel.context)
  std::vector<ContextRow> rows;
};

/// With parallel.context R, one rank's share of a chain is measured: R memories hold a chain R times
/// as long, and the time is that of a rank's tokens and pairs, without messages and waiting.
/// Every keep mode with every kept type; chunks of `fitted`, and for layer_inputs, where `fitted`
/// has none, also chunks of 2,048 tokens. `told` is called before each row with the rows done and
/// all of them. Throws as StepMeter and MeasureSteps.
ContextPlan PlanContexts(const RunOptions& fitted, double memory_bytes,
                         const MeasureOptions& options,
                         const std::function<void(int64_t done, int64_t of)>& told);

/// [tokens] of the chunks that are tried where none are named: docs/layers.md has what they cost
/// and save.
inline constexpr int64_t kLeanChunk = 2048;

/// Half of what this machine, or the control group of the process, has.
double HalfOfTheMachine();

/// [bytes] that this process takes beside its tensors, what is free and unused given back first.
double BytesBesideTensors();

/// Names as the configuration has them.
std::string NameOf(Keep keep);
std::string NameOf(KeptType type);

nlohmann::json ToJson(const ContextPlan& plan);

/// A table for people.
std::string ToText(const ContextPlan& plan);

}  // namespace longplay
