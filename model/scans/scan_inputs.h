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

/// A scan's results and what its backward needs besides the inputs.
struct KeptScan {
  torch::Tensor y, state;  // [B, T, E], [B, E, S]
  torch::Tensor kept;      // states before every few tokens, laid out as the path likes;
                           // undefined when not asked for
};

struct ScanGradients {
  torch::Tensor x, delta, a, b, c, d, state;  // shaped as the inputs
};

}  // namespace longplay
