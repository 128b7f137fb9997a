// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace longplay {

/// What a mixer remembers of B sequences, as values: tensors [B, ..] whose order and meaning the
/// mixer knows (its header says). Gradients may pass through the floating ones.
using MixerState = std::vector<torch::Tensor>;

/// What a stack's layers share about the n tokens that they work on.
struct Stretch {
  torch::Tensor segments = {};  // [B, n] int64: tokens of different segments do not see each other;
                                // equal ones stand together; undefined = one segment
  torch::Tensor starts = {};    // [B, n] bool, true = a segment begins here: nothing before this
                                // token is seen; undefined with segments
  int64_t first = 0;            // position in the sequence of the stretch's first token
  uint64_t seed = 0;            // of a layer's noise and dropout while training
  torch::Tensor residual = {};  // [B, n, D] the layer's input before its norm; set by the layer
  torch::Tensor first_value = {};  // [B, n, D] values of the first RWKV-7 layer, set by it
};

struct ContextOptions {
  int64_t capacity = 0;  // [tokens] a hint
  int64_t window = 0;    // [tokens] seen by each token, itself included; 0 = as the mixer has it
};

/// What a mixer remembers of B chains that act, each at a time of its own. Made by the mixer that
/// uses it.
class MixerContext {
 public:
  virtual ~MixerContext() = default;
  /// Chain i begins anew, as if it had never acted.
  virtual void Forget(int64_t i) = 0;
  /// Keeps the chains `rows` [b] int64 (CPU) alone, in this order.
  virtual void Select(const torch::Tensor& rows) = 0;
  virtual int64_t bytes() const = 0;  // of memory in use
};

/// Moves information along the sequence; one file per sibling, chosen in MakeSequenceMixer
/// (model/layers/make_sequence_mixer.h).
///
/// Forward over a whole sequence = Forward over its parts, state handed on = a loop of Step.
class SequenceMixer : public torch::nn::Module {
 public:
  /// The state before the first token. May be empty.
  virtual MixerState StartState(int64_t batch, const torch::TensorOptions& options) const = 0;

  /// x [B, n, D] already normalised → y [B, n, D]. Token t sees tokens <= t of the stretch and what
  /// `state` holds, which is afterwards the state behind the last token (new tensors; those given
  /// stay as they are). Differentiable in x, parameters and state.
  virtual torch::Tensor Forward(const torch::Tensor& x, MixerState& state, Stretch& stretch) = 0;

  /// An empty context of `batch` chains.
  virtual std::unique_ptr<MixerContext> StartContext(int64_t batch,
                                                     const ContextOptions& options) const;

  /// The next n tokens (usually one) of every chain: x [B, n, D] → [B, n, D], no gradient.
  virtual torch::Tensor Step(const torch::Tensor& x, MixerContext& context, Stretch& stretch);

  /// Whether the state holds every token so far, in dimension 1 of its tensors: the state before a
  /// token is then a part of every later one, and a schedule need not keep copies.
  virtual bool state_grows() const { return false; }

  /// What the stack's loss has beside that of the predictions, from the state behind the last
  /// token; undefined = nothing.
  virtual torch::Tensor Penalty(const MixerState& /*last*/) const { return {}; }

  /// Parameters (own, by name) that the source trains without weight decay.
  virtual std::vector<std::string> WithoutDecay() const { return {}; }
};

}  // namespace longplay
