// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/scans/scan_inputs.h"

namespace longplay {

struct Scanned {
  torch::Tensor y;      // [B, T, E]
  torch::Tensor state;  // [B, E, S] behind the last token
};

/// Mamba's selective scan, from `state` [B, E, S]:
///
///   s_t = exp(delta_t a) s_(t-1) + delta_t x_t b_t      y_t = s_t c_t + d x_t
///
/// Differentiable (once) in all floating inputs and in `state`, also through the last state.
/// Computes and remembers in float32, for float64 inputs in float64; y has the type of x, the state
/// the type of computation. For backward a state is kept every kScanKept tokens, the others are
/// computed again. On CPU by loops over channels (selective_scan_loops.h), elsewhere by
/// ATen's operators (selective_scan_chunks.h); ReferenceSelectiveScan is the specification.
/// Throws c10::Error when shapes disagree.
/// Source: arXiv 2312.00752, section 3, with b discretised as in its official code.
Scanned SelectiveScan(const ScanInputs& inputs, const torch::Tensor& state);

}  // namespace longplay
