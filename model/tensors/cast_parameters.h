// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <unordered_map>

namespace longplay {

/// Parameters in the type of a pass. The masters stay as they are; a pass in another type reads
/// copies that live as long as this object, usually for one layer.
class CastParameters {
 public:
  explicit CastParameters(torch::ScalarType type) : type_(type) {}

  /// The parameter itself when the types agree.
  torch::Tensor of(const torch::Tensor& parameter);

 private:
  torch::ScalarType type_;
  std::unordered_map<const c10::TensorImpl*, torch::Tensor> copies_;
};

/// The type in which LayerNorm wants its parameters for rows of x: float32 beside bfloat16 on CPU
/// (its statistics are then float32), x's own elsewhere (statistics are float32 there anyway).
torch::ScalarType NormParameterType(const torch::Tensor& x, torch::ScalarType master);

/// Differentiable: parameters (the bias may be missing) are cast to the type of x first.
torch::Tensor LinearInTypeOf(const torch::Tensor& x, const torch::nn::Linear& linear);

}  // namespace longplay
