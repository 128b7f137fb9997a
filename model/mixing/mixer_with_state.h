// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <utility>

#include "model/mixing/mixer_state.h"
#include "model/mixing/sequence_mixer.h"

namespace longplay {

/// A mixer whose state is the struct `State` (model/mixing/mixer_state.h). It alone sees the
/// struct; all others see its tensors.
template <typename State>
class MixerWithState : public SequenceMixer {
 public:
  /// SequenceMixer::StartState.
  virtual State Start(int64_t batch, const torch::TensorOptions& options) const = 0;
  /// SequenceMixer::Forward.
  virtual torch::Tensor Run(const torch::Tensor& x, State& state, const Chunk& chunk,
                            HandedOn& handed) = 0;
  /// SequenceMixer::Penalty.
  virtual torch::Tensor PenaltyOf(const State& /*last*/) const { return {}; }

  StateTensors StartState(int64_t batch, const torch::TensorOptions& options) const final {
    return TensorsOf(Start(batch, options));
  }
  torch::Tensor Forward(const torch::Tensor& x, StateTensors& state, const Chunk& chunk,
                        HandedOn& handed) final {
    State own = StateOf<State>(std::move(state));  // moved: what is replaced is freed at once
    auto y = Run(x, own, chunk, handed);
    state = TensorsOf(std::move(own));
    return y;
  }
  torch::Tensor Penalty(const StateTensors& last) const final {
    return PenaltyOf(StateOf<State>(last));
  }
};

}  // namespace longplay
