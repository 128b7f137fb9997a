// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <cstdint>
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

  /// `sizes` are in, hidden ..., out. Weights and biases are uniform within 1 / sqrt(fan in).
  StackedMlp(int64_t copies, const std::vector<int64_t>& sizes, const at::Generator& generator);

  /// x [B, in] float32 → [C, B, out] float32.
  torch::Tensor Forward(const torch::Tensor& x, Weights weights) const;

  torch::Tensor flat() const { return flat_; }  // [P] float32 leaf; its grad is filled by backward

 private:
  struct Layer {
    torch::Tensor weight;  // [C, in, out] float32, a view of the vector
    torch::Tensor bias;    // [C, 1, out] float32, likewise
  };

  torch::Tensor flat_;
  std::vector<Layer> trained_, frozen_;
};

}  // namespace longplay
