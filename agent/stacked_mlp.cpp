// SPDX-License-Identifier: MIT
#include "agent/stacked_mlp.h"

#include <ATen/ops/baddbmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace longplay {

StackedMlp::StackedMlp(int64_t copies, const std::vector<int64_t>& sizes,
                       const at::Generator& generator) {
  int64_t count = 0;
  for (size_t l = 0; l + 1 < sizes.size(); ++l) count += copies * (sizes[l] + 1) * sizes[l + 1];
  flat_ = at::empty({count}, at::kFloat);
  torch::Tensor gradient = at::zeros_like(flat_);

  int64_t offset = 0;
  const auto view = [&](const torch::Tensor& of, at::IntArrayRef shape) {
    return of.narrow(0, offset, c10::multiply_integers(shape)).view(shape);
  };
  const auto take = [&](at::IntArrayRef shape, double bound) {
    torch::Tensor trained = view(flat_, shape).uniform_(-bound, bound, generator);
    trained.set_requires_grad(true);
    trained.mutable_grad() = view(gradient, shape);
    offset += trained.numel();
    return trained;
  };
  for (size_t l = 0; l + 1 < sizes.size(); ++l) {
    const double bound = 1 / std::sqrt(static_cast<double>(sizes[l]));
    Layer layer;
    layer.weight = take({copies, sizes[l], sizes[l + 1]}, bound);
    layer.bias = take({copies, 1, sizes[l + 1]}, bound);
    frozen_.push_back({layer.weight.detach(), layer.bias.detach()});
    trained_.push_back(std::move(layer));
  }
  flat_.set_requires_grad(true);
  flat_.mutable_grad() = gradient;
}

torch::Tensor StackedMlp::Forward(const torch::Tensor& x, Weights weights) const {
  const std::vector<Layer>& layers = weights == Weights::kTrained ? trained_ : frozen_;
  torch::Tensor y = x.unsqueeze(0).expand({layers[0].weight.size(0), -1, -1});  // [C, B, in]
  for (size_t l = 0; l < layers.size(); ++l) {
    if (l > 0) y = y.relu();
    y = at::baddbmm(layers[l].bias, y, layers[l].weight);
  }
  return y;
}

}  // namespace longplay
