// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/config/run_options.h"
#include "agent/planning/step_meter.h"

namespace longplay {

/// The passes of an optimiser step.
struct StepShape {
  PassShape pass;            // the largest
  int64_t passes = 1;        // of the step
  int64_t side_by_side = 1;  // passes that are computed at the same time
};

/// What model.keep: auto becomes.
struct KeepChoice {
  Keep keep = Keep::kEverything;
  int64_t tokens_at_once = 0;
  double bytes = 0;   // predicted peak of the process
  double memory = 0;  // that it may take
  bool fits() const { return bytes <= memory; }
};

/// The first of these whose predicted peak fits `memory_bytes`: everything,
/// layer_inputs_and_attention, layer_inputs, and layer_inputs in chunks of 2,048 tokens, which is
/// taken when none fits. Each computes more again than the one before it, and holds less. Bytes
/// alone decide, not seconds, so the same run chooses the same every time. `fitted` are as
/// StepMeter takes them; their kept_type and kept_place stay, and chunks that they name.
KeepChoice ChooseKeep(const RunOptions& fitted, const StepShape& shape, double memory_bytes);

/// A sentence: what was chosen, and why.
std::string ToText(const KeepChoice& choice);

}  // namespace longplay
