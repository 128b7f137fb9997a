// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <array>
#include <cstdint>

namespace longplay {

/// Values of a sequence model: what a step's features (all that came before, and its observation)
/// are worth, and what an action there is worth.
///
///   y [.., D] ──────────► linear ─► relu ─► linear ─► relu ─► linear ─► V [..]
///   y, a [.., D + A] ─2×─► linear ─► relu ─► linear ─► relu ─► linear ─► Q [2, ..]
class ValueHeadsImpl : public torch::nn::Module {
 public:
  /// Weights are drawn from torch's global generator.
  ValueHeadsImpl(int64_t width, int64_t action_size, int64_t hidden);

  torch::Tensor StateValues(const torch::Tensor& features);
  torch::Tensor ActionValues(const torch::Tensor& features, const torch::Tensor& actions);

 private:
  using Layers = std::array<torch::nn::Linear, 3>;
  Layers MakeLayers(const std::string& name, int64_t inputs, int64_t hidden);

  Layers state_, first_, second_;
};
TORCH_MODULE(ValueHeads);

}  // namespace longplay
