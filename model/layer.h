// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <memory>

#include "model/feed_forward.h"
#include "model/options.h"
#include "model/sequence_mixer.h"

namespace longplay {

///   x ─┬─► mixer_norm ─► mixer ─► dropout ─► + ─┬─► feed_forward_norm ─► feed_forward ─► dropout
///   ─► +
///      └────────────────────────────────────┘ └──────────────────────────────────────────────┘
class LayerImpl : public torch::nn::Module {
 public:
  explicit LayerImpl(const ModelOptions& options);

  /// x [B, T, D] → [B, T, D]; `state` and `segments` as in SequenceMixer::Forward.
  torch::Tensor forward(const torch::Tensor& x, MixerState* state = nullptr,
                        const torch::Tensor& segments = {});

  torch::nn::LayerNorm mixer_norm{nullptr}, feed_forward_norm{nullptr};
  std::shared_ptr<SequenceMixer> mixer;
  FeedForward feed_forward{nullptr};

 private:
  double dropout_;
};
TORCH_MODULE(Layer);

}  // namespace longplay
