// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <unordered_map>
#include <vector>

namespace longplay {

/// Sums of gradients of a fixed list of parameters, filled by hand-written backward passes.
class ParameterGradients {
 public:
  explicit ParameterGradients(const std::vector<torch::Tensor>& parameters);

  /// The sum for `parameter`, zero at first; add to it in place.
  /// Throws c10::Error for a parameter that is not on the list.
  torch::Tensor& of(const torch::Tensor& parameter);

  /// In the order of the list; undefined where nothing was added.
  std::vector<torch::Tensor> take() { return std::move(sums_); }

 private:
  std::vector<torch::Tensor> parameters_, sums_;
  std::unordered_map<const c10::TensorImpl*, size_t> places_;
};

}  // namespace longplay
