// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <optional>
#include <vector>

#include "model/layers/layer.h"
#include "model/options.h"
#include "model/ranks/sequence_slice.h"
#include "model/tensors/token_noise.h"

namespace longplay {

struct RecomputationOptions {
  Keep keep = Keep::kLayerInputsAndAttention;
  KeptOptions kept = {};
  int64_t tokens_at_once = 0;    // [tokens] in a chunk; 0 = whole sequences
  int64_t rows_at_once = 512;    // of a chunk's rows, in every map that works token by token
  int64_t keys_at_once = 512;    // [tokens] that a chunk looks back to at a time
  double dropout = 0;            // on residual branches; 0 outside training
  double attention_dropout = 0;  // likewise
  int64_t first_layer = 0;       // number of the first of these layers in its stack
  std::optional<SequenceSlice> slice = {};  // of tokens, where ranks share the sequence
};

/// All layers (each can_recompute()), x [B, T, D] → [B, T, D], keeping for backward only what
/// `keep` names; the rest is computed again, layer by layer, in blocks of rows. Computes in the
/// type of x, with copies of the parameters if theirs is another. Gradients equal those of the
/// layers' own forward() up to rounding.
///   segments  [B, T] int64: tokens of different segments do not see each other; undefined = one
///   noise     [B, T] of the tokens; read with dropout and where 8 bits are kept
/// With a slice, x and noise are those of this rank's tokens, segments those of the whole sequence,
/// and all ranks make the same calls; tokens_at_once is then not read (keys and values travel in
/// blocks, see model/attention/ring_attention.h).
///
///   forward, per layer and chunk:  x ─► Mix ─► heads ─► [ projection + residual + feed-forward ]
///   backward, per layer and chunk: the bracket again from (x, heads), then MixBackward
///
/// Forward takes the chunks from the last to the first: a chunk reads only what stands before
/// it, so its output may take the place of its input. Backward takes them from the first to the
/// last: a chunk adds gradients only to tokens whose own turn is over. So in chunks nothing of
/// the sequence's length exists but inputs, what is kept, and one gradient.
///
/// kept per layer and token, for F hidden units: layer_inputs D numbers, layer_inputs_and_attention
/// 2 D + H, everything 5 D + H + F (norms and GELU are always computed again; in chunks the
/// mixer's projections, 3 D, too).
/// Backward frees what a layer kept as soon as the layer is done: it runs once, first derivatives
/// only. Throws c10::Error otherwise.
/// Source: arXiv 2305.19370, section 3; arXiv 1604.06174.
torch::Tensor RunRecomputed(std::vector<Layer>& layers, const torch::Tensor& x,
                            const torch::Tensor& segments, const TokenNoise& noise,
                            const RecomputationOptions& options);

}  // namespace longplay
