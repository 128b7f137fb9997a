// SPDX-License-Identifier: MIT
#include "agent/planning/choose_keep.h"

#include <cstdio>
#include <vector>

#include "agent/batches/training_tokens.h"
#include "agent/planning/context_plan.h"
#include "agent/planning/step_prediction.h"

namespace longplay {
namespace {

constexpr int64_t kMeasuredWhole = 4096;  // [tokens] of a pass that is measured as it is

/// [bytes] of tensors and batches at the peak of an optimiser step.
double StepBytes(const RunOptions& options, const StepShape& shape) {
  const int64_t steps = shape.pass.chains * shape.pass.steps;
  double pass = 0, batches = 0;
  StepMeter meter(options);
  if (steps * TokensPerTimeStep(options) <= kMeasuredWhole) {
    const StepCost cost = meter.Measure(shape.pass, 0);
    pass = static_cast<double>(cost.tensor_bytes);
    batches = static_cast<double>(cost.batch_bytes);
  } else {
    // As one chain of all its steps: memory knows no other difference.
    const auto costs = MeasureSteps(options, {.seconds = 0, .repeats = 0});
    const StepPrediction prediction = PredictStep(costs, [](int64_t) { return 0.0; });
    const StepCost& last = costs.timed.back();
    batches = static_cast<double>(last.batch_bytes) / static_cast<double>(last.shape.steps) *
              static_cast<double>(steps);
    pass = prediction.Bytes(steps) - batches;
  }
  batches *= static_cast<double>(shape.passes);
  if (shape.side_by_side == 1) return pass + batches;
  // Passes side by side share what stays; sums of gradients wait for passes before them.
  const auto held = static_cast<double>(meter.held_bytes());
  const auto together = static_cast<double>(shape.side_by_side);
  const auto waiting = static_cast<double>(shape.passes * meter.gradient_bytes());
  return held + together * (pass - held) + waiting + batches;
}

std::vector<KeepChoice> ChoicesOf(const RunOptions& fitted) {
  const int64_t chunk = fitted.model.tokens_at_once;
  std::vector<KeepChoice> choices;
  for (const Keep keep : {Keep::kEverything, Keep::kLayerInputsAndAttention, Keep::kLayerInputs}) {
    choices.push_back({.keep = keep, .tokens_at_once = chunk});
  }
  if (chunk == 0) choices.push_back({.keep = Keep::kLayerInputs, .tokens_at_once = kLeanChunk});
  return choices;
}

}  // namespace

KeepChoice ChooseKeep(const RunOptions& fitted, const StepShape& shape, double memory_bytes) {
  KeepChoice chosen;
  for (const KeepChoice& choice : ChoicesOf(fitted)) {
    RunOptions own = fitted;
    own.model.keep = choice.keep;
    own.model.tokens_at_once = choice.tokens_at_once;
    chosen = choice;
    chosen.bytes = StepBytes(own, shape) + BytesBesideTensors();
    chosen.memory = memory_bytes;
    if (chosen.fits()) break;
  }
  return chosen;
}

std::string ToText(const KeepChoice& choice) {
  constexpr double kMiB = 1 << 20;
  char text[256];
  std::snprintf(text, sizeof text, "model.keep: auto is %s%s: %.0f MiB at the peak, of %.0f",
                NameOf(choice.keep).c_str(),
                choice.tokens_at_once > 0
                    ? (" in chunks of " + std::to_string(choice.tokens_at_once)).c_str()
                    : "",
                choice.bytes / kMiB, choice.memory / kMiB);
  return text + std::string(choice.fits() ? " (train.memory)"
                                          : " (train.memory), which does not fit: "
                                            "train.tokens_per_pass or chain.window makes it less");
}

}  // namespace longplay
