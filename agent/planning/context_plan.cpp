// SPDX-License-Identifier: MIT
#include "agent/planning/context_plan.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/batches/training_tokens.h"
#include "model/memory/memory_meter.h"

namespace longplay {
namespace {

constexpr std::pair<Keep, const char*> kKeepNames[] = {
    {Keep::kEverything, "everything"},
    {Keep::kLayerInputsAndAttention, "layer_inputs_and_attention"},
    {Keep::kLayerInputs, "layer_inputs"},
    {Keep::kAuto, "auto"}};
constexpr std::pair<KeptType, const char*> kTypeNames[] = {{KeptType::kAsComputed, "as_computed"},
                                                           {KeptType::kBFloat16, "bfloat16"},
                                                           {KeptType::kInt8, "int8"}};

/// From the one that recomputes least to the leanest.
std::vector<ContextRow> RowsOf(const ModelOptions& model) {
  std::vector<ContextRow> rows;
  for (const auto& [keep, name] : kKeepNames) {
    if (keep == Keep::kAuto) continue;
    for (const auto& [type, type_name] : kTypeNames) {
      rows.push_back({.keep = keep, .type = type, .tokens_at_once = model.tokens_at_once});
    }
  }
  if (model.tokens_at_once > 0) return rows;
  for (const auto& [type, type_name] : kTypeNames) {
    rows.push_back({.keep = Keep::kLayerInputs, .type = type, .tokens_at_once = kLeanChunk});
  }
  return rows;
}

std::string Duration(double seconds) {
  char text[32];
  if (seconds < 120) {
    std::snprintf(text, sizeof text, "%.3g s", seconds);
  } else if (seconds < 7200) {
    std::snprintf(text, sizeof text, "%.3g min", seconds / 60);
  } else {
    std::snprintf(text, sizeof text, "%.3g h", seconds / 3600);
  }
  return text;
}

}  // namespace

std::string NameOf(Keep keep) {
  return std::ranges::find(kKeepNames, keep, [](const auto& item) { return item.first; })->second;
}

std::string NameOf(KeptType type) {
  return std::ranges::find(kTypeNames, type, [](const auto& item) { return item.first; })->second;
}

double HalfOfTheMachine() {
  double bytes =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  // A container may have less; the file says "max" where it has not.
  double limit = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit) bytes = std::min(bytes, limit);
  return bytes / 2;
}

double BytesBesideTensors() {
  ReturnFreedBlocks();
  malloc_trim(0);
  return static_cast<double>(ProcessBytes() - CurrentTensorBytes());
}

ContextPlan PlanContexts(const RunOptions& fitted, double memory_bytes,
                         const MeasureOptions& options,
                         const std::function<void(int64_t done, int64_t of)>& told) {
  ContextPlan plan{.memory_bytes = memory_bytes,
                   .tokens_per_time_step = TokensPerTimeStep(fitted),
                   .ranks = fitted.parallel.context,
                   .rows = RowsOf(fitted.model)};
  const auto pairs = [fitted](int64_t steps) { return VisiblePairs(fitted, steps); };
  const auto of = static_cast<int64_t>(plan.rows.size());
  for (int64_t i = 0; i < of; ++i) {
    ContextRow& row = plan.rows[i];
    told(i, of);
    RunOptions own = fitted;
    own.model.keep = row.keep;
    own.model.kept.type = row.type;
    own.model.tokens_at_once = row.tokens_at_once;
    const StepCosts costs = MeasureSteps(own, options);
    row.prediction = PredictStep(costs, pairs);
    row.measured_steps = costs.timed.back().shape.steps;
    // Behind the first measurement, which brought in what the libraries need.
    if (i == 0) plan.process_bytes = BytesBesideTensors();
    row.longest_steps = plan.ranks * row.prediction.Longest(memory_bytes - plan.process_bytes);
    row.seconds =
        row.longest_steps > 0 ? row.prediction.SecondsOfShare(row.longest_steps, plan.ranks) : 0;
  }
  return plan;
}

nlohmann::json ToJson(const ContextPlan& plan) {
  nlohmann::json rows = nlohmann::json::array();
  for (const ContextRow& row : plan.rows) {
    const StepPrediction& p = row.prediction;
    const auto k = static_cast<double>(plan.tokens_per_time_step);
    rows.push_back({{"keep", NameOf(row.keep)},
                    {"kept_type", NameOf(row.type)},
                    {"tokens_at_once", row.tokens_at_once},
                    {"longest_context", row.longest_steps * plan.tokens_per_time_step},
                    {"longest_steps", row.longest_steps},
                    {"seconds_per_step", row.seconds},
                    {"bytes_per_token", p.bytes_per_step / k},
                    {"fixed_bytes", p.bytes_fixed},
                    {"seconds_fixed", p.seconds_fixed},
                    {"seconds_per_token", p.seconds_per_step / k},
                    {"seconds_per_pair", p.seconds_per_pair},
                    {"measured_context", row.measured_steps * plan.tokens_per_time_step}});
  }
  return {{"memory_bytes", plan.memory_bytes},
          {"process_bytes", plan.process_bytes},
          {"tokens_per_time_step", plan.tokens_per_time_step},
          {"ranks", plan.ranks},
          {"rows", rows}};
}

std::string ToText(const ContextPlan& plan) {
  constexpr double kMiB = 1 << 20;
  char line[200];
  std::snprintf(line, sizeof line,
                "%.0f MiB, of which the process takes %.0f beside tensors and batches; one chain a "
                "step\n\n",
                plan.memory_bytes / kMiB, plan.process_bytes / kMiB);
  std::string text = line;
  if (plan.ranks > 1) {
    text.insert(0, "each of " + std::to_string(plan.ranks) +
                       " ranks that share a chain (messages and waiting not in the time): ");
  }
  std::snprintf(line, sizeof line, "%-27s %-12s %7s %12s %12s %10s %10s\n", "model.keep",
                "kept_type", "chunk", "tokens", "time steps", "bytes/tok", "a step");
  text += line;
  for (const ContextRow& row : plan.rows) {
    const int64_t k = plan.tokens_per_time_step;
    const std::string time = row.longest_steps > 0 ? Duration(row.seconds) : "-";
    std::snprintf(line, sizeof line, "%-27s %-12s %7ld %12ld %12ld %10.0f %10s\n",
                  NameOf(row.keep).c_str(), NameOf(row.type).c_str(),
                  static_cast<long>(row.tokens_at_once), static_cast<long>(row.longest_steps * k),
                  static_cast<long>(row.longest_steps),
                  row.prediction.bytes_per_step / static_cast<double>(k), time.c_str());
    text += line;
  }
  return text;
}

}  // namespace longplay
