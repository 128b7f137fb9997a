// SPDX-License-Identifier: MIT
#include "model/row_maps.h"

#include <ATen/Functions.h>

#include <array>

namespace longplay {

NormalisedRows Normalise(const torch::nn::LayerNorm& norm, const torch::Tensor& x) {
  const auto type = NormParameterType(x, norm->weight.scalar_type());
  auto [y, mean, rstd] =
      at::native_layer_norm(x, norm->options.normalized_shape(), norm->weight.to(type),
                            norm->bias.to(type), norm->options.eps());
  return {y, mean, rstd};
}

torch::Tensor NormaliseBackward(const torch::nn::LayerNorm& norm, const torch::Tensor& x,
                                const NormalisedRows& rows, const torch::Tensor& grad_y,
                                ParameterGradients& gradients) {
  const auto type = NormParameterType(x, norm->weight.scalar_type());
  const auto [grad_x, grad_weight, grad_bias] = at::native_layer_norm_backward(
      grad_y, x, norm->options.normalized_shape(), rows.mean, rows.rstd, norm->weight.to(type),
      norm->bias.to(type), {true, true, true});
  gradients.of(norm->weight).add_(grad_weight);
  gradients.of(norm->bias).add_(grad_bias);
  return grad_x;
}

torch::Tensor Map(const torch::nn::Linear& linear, const torch::Tensor& x,
                  CastParameters& parameters) {
  return at::addmm(parameters.of(linear->bias), x, parameters.of(linear->weight).t());
}

void AddProduct(torch::Tensor& sum, const torch::Tensor& a, const torch::Tensor& b) {
  if (sum.scalar_type() == a.scalar_type()) {
    sum.addmm_(a, b);
  } else {
    sum.add_(at::mm(a, b));
  }
}

void AddMapGradients(const torch::nn::Linear& linear, const torch::Tensor& x,
                     const torch::Tensor& grad_y, ParameterGradients& gradients) {
  AddProduct(gradients.of(linear->weight), grad_y.t(), x);
  torch::Tensor& bias = gradients.of(linear->bias);
  bias.add_(grad_y.sum(0, /*keepdim=*/false, bias.scalar_type()));
}

}  // namespace longplay
