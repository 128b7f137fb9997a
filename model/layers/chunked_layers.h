// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "model/mixing/sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// n tokens of a stack: x [B, n, D] → [B, n, D]. `state` is what it knows of the tokens before, and
/// then of these as well (new tensors, as many as before). Differentiable in x, the parameters and
/// the floating tensors of the state; the same call gives the same numbers again.
using ChunkMap =
    std::function<torch::Tensor(const torch::Tensor& x, StateTensors& state, const Chunk& chunk)>;

struct ChunkedStack {
  ChunkMap map;
  std::vector<torch::Tensor> parameters;
  StateTensors start;          // before the first token; gradients pass back to it
  std::vector<uint8_t> grows;  // one for each tensor of the state, 1 = holds every token so far in
                               // dimension 1 (SequenceMixer::state_grows)
};

struct ChunkedOptions {
  bool recompute = true;           // false: autograd keeps everything
  KeptOptions kept = {};           // how the chunks' inputs wait for backward
  int64_t tokens_at_once = 0;      // [tokens] in a chunk; 0 = all
  std::vector<int64_t> ends = {};  // where chunks end, ascending, the last one at T; empty = as
                                   // tokens_at_once says
};

struct ChunkedOutput {
  torch::Tensor y;    // [B, T, D]
  StateTensors last;  // behind the last token; differentiable
};

/// A whole sequence in chunks of tokens, exactly differentiated in two passes.
///
///   forward:   chunk 0 ─ state ─► chunk 1 ─ state ─► ... ─ state ─► chunk C - 1
///   backward:  chunk C - 1 again, its gradients, ◄─ gradient of the state ─ chunk C - 2 again ...
///
/// Kept between the passes: x, and one state a chunk. So memory grows with the length only by x
/// itself (which `kept` may compress or map to a file), the result and their gradients; what
/// happens inside a chunk exists for one chunk at a time. With a compressed x the gradients are
/// those at the restored x. `whole` [B, T] has the sequence's segments, starts and noise.
/// Backward runs once, first derivatives only. Throws c10::Error otherwise.
/// Source: backpropagation through time with recomputation, arXiv 1604.06174, section 3; the order
/// of the chunks as in arXiv 2602.02108.
ChunkedOutput RunInChunks(const ChunkedStack& stack, const torch::Tensor& x, const Chunk& whole,
                          const ChunkedOptions& options);

}  // namespace longplay
