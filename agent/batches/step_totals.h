// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// What all passes of an optimiser step hold together, on all ranks: known from what was drawn.
struct StepTotals {
  int64_t steps_in_loss = 0;  // at least 1
  int64_t rows = 0;           // of batches
  int64_t steps = 0;          // [time steps] padding aside
  int64_t passes = 0;
  int64_t first_pass = 0;  // number of this rank's first one
};

}  // namespace longplay
