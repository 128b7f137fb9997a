// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace longplay {

/// Several perceptrons (rectified linear units) of one shape, computed side by side.
///
///   x [B, in] ─► C times: linear ─► relu ─► linear ─► relu ─► linear ─► y [C, B, out]
///
/// All weights and all gradients lie in one vector each, so that an optimiser or a moving average
/// is a few operations whatever the number of layers.
class StackedMlp {
 public:
  enum class Weights { kTrained, kFrozen };  // frozen: gradients flow to x, none to the weights

  /// `sizes` are in, hidden ..., out. Weights and biases are uniform within 1 / sqrt(fan in), drawn
  /// on the CPU. `options` say where they lie: float32 or float64 on any device.
  StackedMlp(int64_t copies, const std::vector<int64_t>& sizes, const at::Generator& generator,
             const torch::TensorOptions& options = at::kFloat);

  /// x [B, in] → [C, B, out].
  torch::Tensor Forward(const torch::Tensor& x, Weights weights) const;
  /// The first copy alone: x [B, in] → [1, B, out].
  torch::Tensor ForwardFirst(const torch::Tensor& x, Weights weights) const;

  torch::Tensor flat() const { return flat_; }  // [P] leaf; its grad is filled by backward

  /// "0.weight" [C, in, out], "0.bias" [C, 1, out], "1.weight" ...: views of the vector.
  std::map<std::string, torch::Tensor> named_weights() const;

 private:
  struct Layer {
    torch::Tensor weight;  // [C, in, out], a view of the vector
    torch::Tensor bias;    // [C, 1, out], likewise
  };
  torch::Tensor Forward(const torch::Tensor& x, Weights weights, int64_t copies) const;

  torch::Tensor flat_;
  std::vector<Layer> trained_, frozen_;
};

}  // namespace longplay
