// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/scans/scan_inputs.h"

namespace longplay {

/// [tokens] between two states that are kept for backward.
inline constexpr int64_t kScanKept = 32;

/// SelectiveScan on CPU without autograd: one task per sequence and group of channels, eight
/// channels side by side, their state near the processor. Inputs are contiguous and of one type,
/// float32 or float64. The same numbers for any number of threads.
KeptScan ScanInLoops(const ScanInputs& inputs, const torch::Tensor& state, bool keeps);

/// grad_y [B, T, E], grad_state [B, E, S], contiguous.
ScanGradients ScanInLoopsBackward(const ScanInputs& inputs, const torch::Tensor& kept,
                                  const torch::Tensor& grad_y, const torch::Tensor& grad_state);

}  // namespace longplay
