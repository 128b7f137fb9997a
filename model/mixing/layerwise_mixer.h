// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "model/ranks/sequence_slice.h"
#include "model/rows/kept_tensor.h"
#include "model/rows/layer_pass.h"
#include "model/rows/norm.h"
#include "model/tensors/parameter_gradients.h"
#include "model/tensors/range.h"

namespace longplay {

/// What a mixer made of a chunk of n tokens before its projection.
struct Mixed {
  torch::Tensor heads;           // [B, n, D]
  torch::Tensor statistics;      // [B, H, n] log-sum-exp
  torch::Tensor projected = {};  // [B, n, (H + 2 G) K] queries, keys and values; undefined = made
                                 // again in backward
};

/// A layer's input and the norm in front of its mixer; normalised in blocks of rows, never whole.
struct MixerInput {
  const KeptTensor& x;  // [B, T, D]
  Norm norm;
  const LayerPass& pass;
};

/// A mixer that the schedule of model/layers/recomputation.h runs layer by layer: the schedule owns
/// what is kept for backward, and the mixer says how to go back from it. No gradient is recorded.
/// SequenceMixer::Forward = projection(Mix): Mix looks along the sequence, projection works token
/// by token.
class LayerwiseMixer {
 public:
  virtual ~LayerwiseMixer() = default;

  /// Everything before the projection for a chunk of tokens, which may see all tokens up to its
  /// last one. Does not read input.x beyond the chunk.
  virtual Mixed Mix(const MixerInput& input, Range tokens) = 0;

  /// What a chunk passes back: adds the gradient with respect to input.x (tokens up to the last
  /// of the chunk) to `grad_x` [B, T, D] and those of the parameters to `gradients`.
  ///   grad_heads  [B, n, D] of the chunk
  virtual void MixBackward(const MixerInput& input, Range tokens, const Mixed& mixed,
                           const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                           ParameterGradients& gradients) = 0;

  /// Mix of this rank's tokens, the n that input.x holds, which may see those of other ranks.
  /// input.pass has the noise of this rank's tokens, but the segments [B, T] of the whole sequence.
  virtual Mixed MixOverRanks(const MixerInput& input, const SequenceSlice& slice) = 0;
  /// The same for MixBackward: all ranks call it, and what others pass back to this rank's tokens
  /// is in `grad_x`, too.
  virtual void MixOverRanksBackward(const MixerInput& input, const SequenceSlice& slice,
                                    const Mixed& mixed, const torch::Tensor& grad_heads,
                                    torch::Tensor& grad_x, ParameterGradients& gradients) = 0;

  virtual const torch::nn::Linear& projection() const = 0;  // [D, D]
};

}  // namespace longplay
