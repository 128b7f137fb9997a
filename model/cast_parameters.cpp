// SPDX-License-Identifier: MIT
#include "model/cast_parameters.h"

#include <ATen/Functions.h>

namespace longplay {

torch::Tensor CastParameters::of(const torch::Tensor& parameter) {
  if (parameter.scalar_type() == type_) return parameter;
  torch::Tensor& copy = copies_[parameter.unsafeGetTensorImpl()];
  if (!copy.defined()) copy = parameter.detach().to(type_);
  return copy;
}

torch::ScalarType NormParameterType(const torch::Tensor& x, torch::ScalarType master) {
  return x.device().is_cpu() && x.scalar_type() == torch::kBFloat16 ? master : x.scalar_type();
}

torch::Tensor LinearInTypeOf(const torch::Tensor& x, const torch::nn::Linear& linear) {
  return at::linear(x, linear->weight.to(x.scalar_type()), linear->bias.to(x.scalar_type()));
}

torch::Tensor NormInTypeOf(const torch::Tensor& x, const torch::nn::LayerNorm& norm) {
  const auto type = NormParameterType(x, norm->weight.scalar_type());
  return at::layer_norm(x, norm->options.normalized_shape(), norm->weight.to(type),
                        norm->bias.to(type), norm->options.eps());
}

}  // namespace longplay
