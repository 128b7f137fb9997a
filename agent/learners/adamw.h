// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "agent/files/safetensors.h"
#include "agent/learners/optimizer.h"

namespace longplay {

/// The defaults of torch.optim.Adam and AdamW: decay of the two moments; added to the root of the
/// second.
constexpr double kAdamBeta1 = 0.9, kAdamBeta2 = 0.999, kAdamEpsilon = 1e-8;

/// What gradients of the joint norm `norm` are multiplied by so that it is at most `limit`, as
/// torch::nn::utils::clip_grad_norm_ has it; 1 when there is no limit (0).
double ClipScale(double norm, double limit);

/// AdamW over a network's parameters with ATen's fused step; its state can be saved by name.
/// Weight decay applies to matrices of linear maps only, not to embeddings, norms and biases, nor
/// to those whose names are in `without_decay`.
class AdamW : public Optimizer {
 public:
  AdamW(const torch::nn::Module& network, double weight_decay,
        const std::vector<std::string>& without_decay = {});

  /// One update from the parameters' gradients, which are then cleared.
  void Step(double learning_rate) override;
  void ZeroGrad() override;
  double ClipGradients(double limit) override;
  std::vector<torch::Tensor> parameters() const override;

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
