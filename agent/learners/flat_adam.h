// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <string>
#include <vector>

#include "agent/files/safetensors.h"
#include "agent/learners/optimizer.h"

namespace longplay {

/// Adam over one vector of parameters (StackedMlp::flat) with ATen's fused step; no weight decay.
/// Source: arXiv 1412.6980 with its defaults.
class FlatAdam : public Optimizer {
 public:
  explicit FlatAdam(torch::Tensor parameters);

  void Step(double learning_rate) override;
  /// Fills the gradient with zeros in place: views of it stay its views.
  void ZeroGrad() override;
  double ClipGradients(double limit) override;
  std::vector<torch::Tensor> parameters() const override { return {parameters_}; }

  /// Adds "<name>.first", "<name>.second" and "<name>.step".
  void Save(const std::string& name, TensorMap& state) const;
  /// Throws std::runtime_error when one is missing or of another size.
  void Load(const std::string& name, const TensorMap& state);

 private:
  torch::Tensor parameters_;      // [P]
  torch::Tensor first_, second_;  // [P] moments
  torch::Tensor step_;            // scalar float32
};

/// state[name] into `tensor`. Throws std::runtime_error when it is missing or of another size.
void CopyFrom(const TensorMap& state, const std::string& name, torch::Tensor& tensor);

}  // namespace longplay
