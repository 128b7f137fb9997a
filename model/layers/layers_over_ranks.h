// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "model/layers/chunked_layers.h"
#include "model/layers/layer.h"
#include "model/layers/recomputation.h"
#include "model/options.h"
#include "model/ranks/sequence_slice.h"
#include "model/tensors/range.h"

namespace longplay {

/// How the ranks of a context cut a sequence for a stack.
struct SlicePlan {
  SliceOrder order = SliceOrder::kInOrder;
  int64_t unit = 1;  // [tokens] that stay together: a segment of Recurrent Memory
};

/// Zigzag where every layer attends by blocks, and one of them without a span: under the causal rule
/// ranks then compute as many pairs of blocks. Else in order, as a state is handed on.
SlicePlan PlanSlices(const ModelOptions& options);

/// A stack as ranks see it.
struct LayersOverRanks {
  std::vector<Layer>& layers;
  bool attends = true;  // layers that can run layer by layer do; else every layer has a state
  bool splits = true;   // layers may be taken one by one; else all of them are one map
  /// Consecutive layers as a map of x [B, n, D] or, where layers below handed a value on, [B, n, 2 D].
  std::function<ChunkedStack(const torch::Tensor& x, Range layers)> stack_of;
  /// SequenceMixer::Penalty of these layers, summed; `last` is behind the last token.
  std::function<torch::Tensor(const StateTensors& last, Range layers)> penalty_of;
  RecomputationOptions recomputed;
  ChunkedOptions chunked;
};

/// The layers over a sequence that ranks share; all of them call it. Attention goes around the ring,
/// with model/layers/recomputation.h; other layers take their state from the rank before and hand it
/// on (model/ranks/hand_on.h), in units that follow each other through the ranks:
///
///   rank 0:  unit 0  unit 1  unit 2              forward; backward in the opposite order
///   rank 1:          unit 0  unit 1  unit 2
///
/// A unit is some of the chains, in all of the layers where there are many chains, or where little is
/// to be kept (Keep::kLayerInputs: of this rank's tokens the stack's input alone, as in one process);
/// else in one layer, whose input is then kept, so that ranks work at the same time on one chain.
///   x         [B, n, D] of this rank's tokens
///   segments  [B, T] int64 of the whole sequence; undefined = one
///   noise     [B, n] of this rank's tokens
///   penalty   as in LayerStackImpl::forward; on the last rank, that of the whole sequence
torch::Tensor RunOverRanks(const LayersOverRanks& stack, const torch::Tensor& x,
                           const torch::Tensor& segments, const TokenNoise& noise,
                           const SequenceSlice& slice, torch::Tensor* penalty);

/// [B, T] bool, true where a segment begins (the first token begins none); undefined without any.
torch::Tensor StartsOf(const torch::Tensor& segments);

}  // namespace longplay
