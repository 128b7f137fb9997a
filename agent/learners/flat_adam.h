// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <string>

#include "agent/files/safetensors.h"

namespace longplay {

/// Adam over one vector of parameters (StackedMlp::flat) with ATen's fused step; no weight decay.
/// Source: arXiv 1412.6980 with its defaults.
class FlatAdam {
 public:
  FlatAdam(torch::Tensor parameters, double learning_rate);

  /// One update from the gradient.
  void Step();
  /// Fills the gradient with zeros in place: views of it stay its views.
  void ZeroGrad();

  /// Adds "<name>.first", "<name>.second" and "<name>.step".
  void Save(const std::string& name, TensorMap& state) const;
  /// Throws std::runtime_error when one is missing or of another size.
  void Load(const std::string& name, const TensorMap& state);

 private:
  torch::Tensor parameters_;      // [P]
  torch::Tensor first_, second_;  // [P] moments
  torch::Tensor step_;            // scalar float32
  double learning_rate_;
};

/// state[name] into `tensor`. Throws std::runtime_error when it is missing or of another size.
void CopyFrom(const TensorMap& state, const std::string& name, torch::Tensor& tensor);

}  // namespace longplay
