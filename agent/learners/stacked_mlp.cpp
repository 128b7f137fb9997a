// SPDX-License-Identifier: MIT
#include "agent/learners/stacked_mlp.h"

#include <ATen/ops/baddbmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace longplay {

namespace {

/// Uniform weights of one layer after another: of all copies the matrices, then the biases.
torch::Tensor DrawWeights(int64_t copies, const std::vector<int64_t>& sizes,
                          const at::Generator& generator, at::ScalarType type) {
  int64_t count = 0;
  for (size_t l = 0; l + 1 < sizes.size(); ++l) count += copies * (sizes[l] + 1) * sizes[l + 1];
  torch::Tensor flat = at::empty({count}, type);
  int64_t offset = 0;
  for (size_t l = 0; l + 1 < sizes.size(); ++l) {
    // as torch::nn::Linear's
    const double bound = 1 / std::sqrt(static_cast<double>(sizes[l]));
    for (const int64_t numbers : {copies * sizes[l] * sizes[l + 1], copies * sizes[l + 1]}) {
      flat.narrow(0, offset, numbers).uniform_(-bound, bound, generator);
      offset += numbers;
    }
  }
  return flat;
}

}  // namespace

StackedMlp::StackedMlp(int64_t copies, const std::vector<int64_t>& sizes,
                       const at::Generator& generator, const torch::TensorOptions& options)
    : flat_(DrawWeights(copies, sizes, generator, c10::typeMetaToScalarType(options.dtype()))
                .to(options.device())) {
  torch::Tensor gradient = at::zeros_like(flat_);
  int64_t offset = 0;
  // Layers are views of one tensor, and so are gradients: an optimizer sees a single parameter.
  const auto take = [&](at::IntArrayRef shape) {
    const int64_t count = c10::multiply_integers(shape);
    torch::Tensor trained = flat_.narrow(0, offset, count).view(shape);
    trained.set_requires_grad(true);
    trained.mutable_grad() = gradient.narrow(0, offset, count).view(shape);
    offset += count;
    return trained;
  };
  for (size_t l = 0; l + 1 < sizes.size(); ++l) {
    Layer layer;
    layer.weight = take({copies, sizes[l], sizes[l + 1]});
    layer.bias = take({copies, 1, sizes[l + 1]});
    frozen_.push_back({layer.weight.detach(), layer.bias.detach()});
    trained_.push_back(std::move(layer));
  }
  flat_.set_requires_grad(true);
  flat_.mutable_grad() = gradient;
}

torch::Tensor StackedMlp::Forward(const torch::Tensor& x, Weights weights) const {
  return Forward(x, weights, frozen_[0].weight.size(0));
}

torch::Tensor StackedMlp::ForwardFirst(const torch::Tensor& x, Weights weights) const {
  return Forward(x, weights, 1);
}

torch::Tensor StackedMlp::Forward(const torch::Tensor& x, Weights weights, int64_t copies) const {
  const std::vector<Layer>& layers = weights == Weights::kTrained ? trained_ : frozen_;
  // All copies in one product a layer.
  torch::Tensor y = x.unsqueeze(0).expand({copies, -1, -1});  // [C, B, in]
  for (size_t l = 0; l < layers.size(); ++l) {
    if (l > 0) y.relu_();  // in place: the product before needs only its factors again
    y = at::baddbmm(layers[l].bias.narrow(0, 0, copies), y, layers[l].weight.narrow(0, 0, copies));
  }
  return y;
}

std::map<std::string, torch::Tensor> StackedMlp::named_weights() const {
  std::map<std::string, torch::Tensor> named;
  for (size_t l = 0; l < frozen_.size(); ++l) {
    named[std::to_string(l) + ".weight"] = frozen_[l].weight;
    named[std::to_string(l) + ".bias"] = frozen_[l].bias;
  }
  return named;
}

}  // namespace longplay
