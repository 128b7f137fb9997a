// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/scans/scan_inputs.h"

namespace longplay {

/// SelectiveScan by ATen's operators, for any device; no gradient is recorded. The sequence is cut
/// into chunks, one after the other, and a chunk into rows of tokens that are scanned side by side:
/// once from zero, then, when it is known what each row begins with, once more.
/// Memory beside inputs and results is O(B * E * S * tokens of a chunk). `kept` holds the state
/// before every chunk.
KeptScan ScanInChunks(const ScanInputs& inputs, const torch::Tensor& state, bool keeps);

/// Chunk by chunk from the last to the first: forward again, and torch's gradients of it.
ScanGradients ScanInChunksBackward(const ScanInputs& inputs, const torch::Tensor& kept,
                                   const torch::Tensor& grad_y, const torch::Tensor& grad_state);

}  // namespace longplay
