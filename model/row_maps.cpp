// SPDX-License-Identifier: MIT
#include "model/row_maps.h"

#include <ATen/Functions.h>

#include <array>

namespace longplay {

NormalisedRows Normalise(const torch::nn::LayerNorm& norm, const torch::Tensor& x) {
  auto [y, mean, rstd] = at::native_layer_norm(x, norm->options.normalized_shape(), norm->weight,
                                               norm->bias, norm->options.eps());
  return {y, mean, rstd};
}

torch::Tensor NormaliseBackward(const torch::nn::LayerNorm& norm, const torch::Tensor& x,
                                const NormalisedRows& rows, const torch::Tensor& grad_y,
                                ParameterGradients& gradients) {
  const auto [grad_x, grad_weight, grad_bias] =
      at::native_layer_norm_backward(grad_y, x, norm->options.normalized_shape(), rows.mean,
                                     rows.rstd, norm->weight, norm->bias, {true, true, true});
  gradients.of(norm->weight).add_(grad_weight);
  gradients.of(norm->bias).add_(grad_bias);
  return grad_x;
}

torch::Tensor Map(const torch::nn::Linear& linear, const torch::Tensor& x) {
  return at::addmm(linear->bias, x, linear->weight.t());
}

void AddMapGradients(const torch::nn::Linear& linear, const torch::Tensor& x,
                     const torch::Tensor& grad_y, ParameterGradients& gradients) {
  gradients.of(linear->weight).addmm_(grad_y.t(), x);
  gradients.of(linear->bias).add_(grad_y.sum(0));
}

}  // namespace longplay
