// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <memory>

#include "model/options.h"

namespace longplay {

/// What a mixer remembers between stretches: keys and values for attention, a recurrent state for
/// others. Made by the mixer that uses it.
class MixerState {
 public:
  virtual ~MixerState() = default;
};

/// Moves information along the sequence; one file per sibling, chosen in MakeSequenceMixer.
class SequenceMixer : public torch::nn::Module {
 public:
  /// An empty state for B sequences; `capacity` [tokens] is a hint.
  virtual std::unique_ptr<MixerState> MakeState(int64_t batch, int64_t capacity) const = 0;

  /// x [B, T, D] already normalised → y [B, T, D]. Token t sees tokens <= t of this stretch and,
  /// when `state` is given, everything the state holds; the stretch is then appended to it.
  virtual torch::Tensor Forward(const torch::Tensor& x, MixerState* state) = 0;

  /// One token of every sequence: x [B, 1, D] → [B, 1, D], no gradient.
  virtual torch::Tensor Step(const torch::Tensor& x, MixerState& state) = 0;
};

std::shared_ptr<SequenceMixer> MakeSequenceMixer(MixerKind kind, const AttentionOptions& options);

}  // namespace longplay
