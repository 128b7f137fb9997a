// SPDX-License-Identifier: MIT
#include "model/rows/row_maps.h"

#include <ATen/Functions.h>

#include <array>

namespace longplay {

namespace {

/// Statistics of narrow types are taken in float32.
torch::Tensor Widened(const torch::Tensor& x) {
  return c10::isReducedFloatingType(x.scalar_type()) ? x.to(torch::kFloat32) : x;
}

NormalisedRows NormaliseByRootMeanSquare(const Norm& norm, const torch::Tensor& x) {
  const auto wide = Widened(x);
  const auto rstd = wide.square().mean(-1, /*keepdim=*/true).add_(norm->epsilon()).rsqrt_();
  return {(wide * rstd).mul_(norm->weight.to(wide.scalar_type())).to(x.scalar_type()), {}, rstd};
}

torch::Tensor RootMeanSquareBackward(const Norm& norm, const torch::Tensor& x,
                                     const NormalisedRows& rows, const torch::Tensor& grad_y,
                                     ParameterGradients& gradients) {
  // y = w x rstd with rstd = (mean(x^2) + epsilon)^(-1/2).
  const auto normalised = Widened(x) * rows.rstd;  // [R, D]
  const auto grad = Widened(grad_y);
  gradients.of(norm->weight).add_((grad * normalised).sum(0));
  // Scaling x leaves y as it is (but for epsilon): the part of the gradient along x is taken out.
  const auto scaled = grad * norm->weight.to(grad.scalar_type());
  const auto along = (scaled * normalised).mean(-1, /*keepdim=*/true);  // [R, 1]
  return ((scaled - normalised * along) * rows.rstd).to(x.scalar_type());
}

}  // namespace

NormalisedRows Normalise(const Norm& norm, const torch::Tensor& x) {
  if (!norm->is_layer_norm()) return NormaliseByRootMeanSquare(norm, x);
  const auto type = NormParameterType(x, norm->weight.scalar_type());
  auto [y, mean, rstd] = at::native_layer_norm(x, norm->weight.sizes(), norm->weight.to(type),
                                               norm->bias.to(type), norm->epsilon());
  return {y, mean, rstd};
}

torch::Tensor NormaliseBackward(const Norm& norm, const torch::Tensor& x,
                                const NormalisedRows& rows, const torch::Tensor& grad_y,
                                ParameterGradients& gradients) {
  if (!norm->is_layer_norm()) return RootMeanSquareBackward(norm, x, rows, grad_y, gradients);
  const auto type = NormParameterType(x, norm->weight.scalar_type());
  const auto [grad_x, grad_weight, grad_bias] = at::native_layer_norm_backward(
      grad_y, x, norm->weight.sizes(), rows.mean, rows.rstd, norm->weight.to(type),
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
  // In one type the product is added as it is made; else it is rounded before it is summed.
  if (sum.scalar_type() == a.scalar_type()) {
    sum.addmm_(a, b);
  } else {
    sum.add_(at::mm(a, b));
  }
}

void AddMapGradients(const torch::nn::Linear& linear, const torch::Tensor& x,
                     const torch::Tensor& grad_y, ParameterGradients& gradients) {
  // y = x W^T + b: dW = dy^T x, db = dy summed over rows.
  AddProduct(gradients.of(linear->weight), grad_y.t(), x);
  torch::Tensor& bias = gradients.of(linear->bias);
  bias.add_(grad_y.sum(0, /*keepdim=*/false, bias.scalar_type()));
}

}  // namespace longplay
