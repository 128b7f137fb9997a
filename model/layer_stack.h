// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <memory>
#include <vector>

#include "model/layer.h"
#include "model/options.h"
#include "model/sequence_mixer.h"

namespace longplay {

/// L layers one after another, and the schedule of what they keep for backward.
class LayerStackImpl : public torch::nn::Module {
 public:
  explicit LayerStackImpl(const ModelOptions& options);

  /// x [B, T, D] → [B, T, D] from an empty context; differentiable. Computes in the type of x.
  ///   segments  [B, T] int64: tokens of different segments do not see each other; undefined = one
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& segments = {});

  /// The same for a stretch that follows what `states` holds (one per layer); no gradient.
  torch::Tensor Continue(const torch::Tensor& x,
                         const std::vector<std::unique_ptr<MixerState>>& states);

  /// One empty state per layer; `capacity` [tokens] is a hint.
  std::vector<std::unique_ptr<MixerState>> MakeStates(int64_t batch, int64_t capacity) const;

 private:
  ModelOptions options_;
  std::vector<Layer> layers_;
};
TORCH_MODULE(LayerStack);

}  // namespace longplay
