// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/scans/selective_scan.h"

namespace longplay {

/// SelectiveScan token by token, in the type of the inputs, with torch's own gradients: the
/// readable specification. Memory is O(B * T * E * S).
Scanned ReferenceSelectiveScan(const ScanInputs& inputs, const torch::Tensor& state);

}  // namespace longplay
