// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <vector>

#include "model/layer.h"
#include "model/options.h"

namespace longplay {

struct RecomputationOptions {
  Keep keep = Keep::kLayerInputsAndAttention;
  int64_t rows_at_once = 512;  // of the B * T rows, in every map that works token by token
  double dropout = 0;          // 0 outside training
};

/// All layers, x [B, T, D] → [B, T, D], keeping for backward only what `keep` names; the rest is
/// computed again, layer by layer, in chunks of rows. Gradients equal those of the layers' own
/// forward() up to rounding (with dropout: the masks differ, but are the same in both passes).
///
///   forward, per layer:   x ─► Mix ─► heads ─► [ projection + residual + feed-forward ]  in chunks
///   backward, per layer:  the bracket again from (x, heads), then MixBackward
///
/// kept per layer and token: layer_inputs D numbers, layer_inputs_and_attention 2 D + H.
/// Backward frees what a layer kept as soon as the layer is done: it runs once, first derivatives
/// only. Throws c10::Error otherwise.
/// Source: arXiv 2305.19370, section 3; arXiv 1604.06174.
torch::Tensor RunRecomputed(std::vector<Layer>& layers, const torch::Tensor& x,
                            const RecomputationOptions& options);

}  // namespace longplay
