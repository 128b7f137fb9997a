// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "model/options.h"

namespace longplay {

/// LayerNorm, or the root mean square norm (no mean, no bias), over the last dimension.
/// Source: arXiv 1607.06450, 1910.07467.
class NormImpl : public torch::nn::Module {
 public:
  /// `kind` is kLayer or kRootMeanSquare.
  NormImpl(NormKind kind, int64_t width, double epsilon);

  /// x [.., D] in any float type → the same; parameters are cast to what the kernels want.
  torch::Tensor forward(const torch::Tensor& x);

  bool is_layer_norm() const { return bias.defined(); }
  double epsilon() const { return epsilon_; }
  int64_t width() const { return weight.size(0); }

  torch::Tensor weight;  // [D]
  torch::Tensor bias;    // [D]; undefined for the root mean square norm

 private:
  double epsilon_;
};
TORCH_MODULE(Norm);

}  // namespace longplay
