// SPDX-License-Identifier: MIT
#include "model/tensors/parameter_gradients.h"

#include <ATen/Functions.h>

namespace longplay {

ParameterGradients::ParameterGradients(const std::vector<torch::Tensor>& parameters)
    : parameters_(parameters), sums_(parameters.size()) {
  for (size_t i = 0; i < parameters.size(); ++i) {
    places_.emplace(parameters[i].unsafeGetTensorImpl(), i);
  }
}

torch::Tensor& ParameterGradients::of(const torch::Tensor& parameter) {
  const auto place = places_.find(parameter.unsafeGetTensorImpl());
  TORCH_CHECK(place != places_.end(), "adding a gradient: expected a listed parameter of shape ",
              parameter.sizes(), ", got another tensor");
  torch::Tensor& sum = sums_[place->second];
  // Made at the first use: parameters without a gradient cost nothing and stay undefined.
  if (!sum.defined()) sum = at::zeros_like(parameter);
  return sum;
}

}  // namespace longplay
