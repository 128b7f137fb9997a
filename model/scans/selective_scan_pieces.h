// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/scans/scan_inputs.h"

namespace longplay {

/// SelectiveScan by ATen's operators, for any device; no gradient is recorded. The sequence is cut
/// into pieces, one after the other, and a piece into rows of tokens that are scanned side by side:
/// once from zero, then, when it is known what each row begins with, once more.
/// Memory beside inputs and results is O(B * E * S * tokens of a piece). `kept` holds the state
/// before every piece.
KeptScan ScanInPieces(const ScanInputs& inputs, const torch::Tensor& state, bool keeps);

/// Piece by piece from the last to the first: forward again, and torch's gradients of it.
ScanGradients ScanInPiecesBackward(const ScanInputs& inputs, const torch::Tensor& kept,
                                   const torch::Tensor& grad_y, const torch::Tensor& grad_state);

}  // namespace longplay
