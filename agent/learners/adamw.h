// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "agent/files/safetensors.h"

namespace longplay {

/// The defaults of torch.optim.Adam and AdamW: decay of the two moments; added to the root of the
/// second.
constexpr double kAdamBeta1 = 0.9, kAdamBeta2 = 0.999, kAdamEpsilon = 1e-8;

/// AdamW over a network's parameters with ATen's fused step; its state can be saved by name.
/// Weight decay applies to matrices of linear maps only, not to embeddings, norms and biases, nor
/// to those whose names are in `without_decay`.
class AdamW {
 public:
  AdamW(const torch::nn::Module& network, double weight_decay,
        const std::vector<std::string>& without_decay = {});

  /// One update from the parameters' gradients, which are then cleared.
  void Step(double learning_rate);
  void ZeroGrad();
  /// Scales all gradients so that their joint norm is at most `limit` (0 = never) and returns the
  /// norm before that.
  double ClipGradients(double limit);

  TensorMap state() const;            // "<parameter>.first", ".second", ".step"
  void Load(const TensorMap& state);  // throws std::runtime_error when one is missing

 private:
  struct Group {
    double weight_decay = 0;
    std::vector<std::string> names;
    std::vector<torch::Tensor> parameters, first, second, steps;
  };
  std::vector<Group> groups_;
};

}  // namespace longplay
