// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/mixing/chunk.h"
#include "model/mixing/handed_on.h"
#include "model/mixing/mixer_context.h"
#include "model/mixing/mixer_state.h"

namespace longplay {

class LayerwiseMixer;

/// Moves information along the sequence; one file per sibling, chosen in MakeSequenceMixer
/// (model/layers/make_sequence_mixer.h). What it remembers of B sequences is a value. Siblings have
/// a struct for it (model/mixing/mixer_with_state.h), of which others see the tensors.
///
/// Forward over a whole sequence = Forward over its parts, state handed on = a loop of its
/// context's Step.
class SequenceMixer : public torch::nn::Module {
 public:
  /// The state before the first token. May be empty.
  virtual StateTensors StartState(int64_t batch, const torch::TensorOptions& options) const = 0;

  /// x [B, n, D] already normalised → y [B, n, D]. Token t sees tokens <= t of the chunk and what
  /// `state` holds, which is afterwards the state behind the last token (new tensors; those given
  /// stay as they are). `handed` comes from the layer below and goes to the one above.
  /// Differentiable in x, parameters, state and what is handed on.
  virtual torch::Tensor Forward(const torch::Tensor& x, StateTensors& state, const Chunk& chunk,
                                HandedOn& handed) = 0;

  /// An empty context of `batch` chains, whose steps are this mixer's.
  virtual std::unique_ptr<MixerContext> StartContext(int64_t batch, const ContextOptions& options);

  /// The mixer as one that can be run backward layer by layer; nullptr = it cannot.
  virtual LayerwiseMixer* layerwise() { return nullptr; }

  /// Whether the state holds every token so far, in dimension 1 of its tensors: the state before a
  /// token is then a part of every later one, and a schedule need not keep copies.
  virtual bool state_grows() const { return false; }

  /// What the stack's loss has beside that of the predictions, from the state behind the last
  /// token; undefined = nothing.
  virtual torch::Tensor Penalty(const StateTensors& /*last*/) const { return {}; }

  /// Parameters (own, by name) that the source trains without weight decay.
  virtual std::vector<std::string> WithoutDecay() const { return {}; }
};

}  // namespace longplay
