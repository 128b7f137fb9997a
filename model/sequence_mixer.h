// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/types.h>

#include <memory>

#include "model/kept_tensor.h"
#include "model/layer_pass.h"
#include "model/options.h"
#include "model/parameter_gradients.h"
#include "model/range.h"

namespace longplay {

/// What a mixer remembers between stretches: keys and values for attention, a recurrent state for
/// others. Made by the mixer that uses it.
class MixerState {
 public:
  virtual ~MixerState() = default;
};

/// What a mixer made of a stretch of n tokens before its projection.
struct Mixed {
  torch::Tensor heads;       // [B, n, D]
  torch::Tensor statistics;  // the mixer's own: for attention log-sum-exp [B, H, n]
  torch::Tensor projected =
      {};  // what it made of the norm's output [B, n, ..]; undefined = made again in backward
};

/// A layer's input and the norm in front of its mixer; normalised in chunks, never whole.
struct MixerInput {
  const KeptTensor& x;  // [B, T, D]
  torch::nn::LayerNorm norm;
  const LayerPass& pass;
};

/// Moves information along the sequence; one file per sibling, chosen in MakeSequenceMixer.
///
///   Forward = projection(Mix): Mix looks along the sequence, projection works token by token.
class SequenceMixer : public torch::nn::Module {
 public:
  /// An empty state for B sequences; `capacity` [tokens] is a hint.
  virtual std::unique_ptr<MixerState> MakeState(int64_t batch, int64_t capacity) const = 0;

  /// x [B, T, D] already normalised → y [B, T, D]. Token t sees tokens <= t of this stretch and,
  /// when `state` is given, everything the state holds; the stretch is then appended to it. Tokens
  /// of different segments [B, T] int64 do not see each other (undefined = one segment; not
  /// together with a state).
  virtual torch::Tensor Forward(const torch::Tensor& x, MixerState* state,
                                const torch::Tensor& segments) = 0;

  /// One token of every sequence: x [B, 1, D] → [B, 1, D], no gradient.
  virtual torch::Tensor Step(const torch::Tensor& x, MixerState& state) = 0;

  // For schedules that own what is kept for backward (model/recomputation.h). No gradient is
  // recorded.

  /// Everything before the projection for a stretch of tokens, which may see all tokens up to its
  /// last one. Does not read input.x beyond the stretch.
  virtual Mixed Mix(const MixerInput& input, Range tokens) = 0;

  /// What a stretch passes back: adds the gradient with respect to input.x (tokens up to the last
  /// of the stretch) to `grad_x` [B, T, D] and those of the parameters to `gradients`.
  ///   grad_heads  [B, n, D] of the stretch
  virtual void MixBackward(const MixerInput& input, Range tokens, const Mixed& mixed,
                           const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                           ParameterGradients& gradients) = 0;

  torch::nn::Linear projection{nullptr};  // the last map of the mixer; set by the sibling
};

std::shared_ptr<SequenceMixer> MakeSequenceMixer(MixerKind kind, const AttentionOptions& options);

}  // namespace longplay
