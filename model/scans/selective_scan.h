// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// What one scan reads. E channels that each remember S numbers.
struct ScanInputs {
  torch::Tensor x;            // [B, T, E]
  torch::Tensor delta;        // [B, T, E] time steps, not negative
  torch::Tensor a;            // [E, S] rates of decay, negative
  torch::Tensor b, c;         // [B, T, S] how a token is written and read
  torch::Tensor d;            // [E] what passes by the memory
  torch::Tensor starts = {};  // [B, T] bool, true = nothing before this token is remembered;
                              // undefined = no such token
};

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
/// ATen's operators (selective_scan_pieces.h); ReferenceSelectiveScan is the specification.
/// Throws c10::Error when shapes disagree.
/// Source: arXiv 2312.00752, section 3, with b discretised as in its official code.
Scanned SelectiveScan(const ScanInputs& inputs, const torch::Tensor& state);

}  // namespace longplay
