// SPDX-License-Identifier: MIT
#include "model/tensors/cast_parameters.h"

#include <ATen/Functions.h>

namespace longplay {

torch::Tensor CastParameters::of(const torch::Tensor& parameter) {
  if (parameter.scalar_type() == type_) return parameter;
  // Cast at the first use, then the same copy for every block of rows.
  torch::Tensor& copy = copies_[parameter.unsafeGetTensorImpl()];
  if (!copy.defined()) copy = parameter.detach().to(type_);
  return copy;
}

torch::ScalarType NormParameterType(const torch::Tensor& x, torch::ScalarType master) {
  return x.device().is_cpu() && x.scalar_type() == torch::kBFloat16 ? master : x.scalar_type();
}

torch::Tensor LinearInTypeOf(const torch::Tensor& x, const torch::nn::Linear& linear) {
  const auto type = x.scalar_type();
  return at::linear(x, linear->weight.to(type),
                    linear->bias.defined() ? linear->bias.to(type) : torch::Tensor());
}

}  // namespace longplay
