// SPDX-License-Identifier: MIT
#include "model/rows/norm.h"

#include <ATen/Functions.h>

#include "model/rows/gated_norm.h"
#include "model/tensors/cast_parameters.h"

namespace longplay {

NormImpl::NormImpl(NormKind kind, int64_t width, double epsilon) : epsilon_(epsilon) {
  TORCH_CHECK(kind != NormKind::kAuto, "building a norm: kind: expected layer or root_mean_square");
  weight = register_parameter("weight", torch::ones({width}));
  if (kind == NormKind::kLayer) bias = register_parameter("bias", torch::zeros({width}));
}

torch::Tensor NormImpl::forward(const torch::Tensor& x) {
  const auto type = NormParameterType(x, weight.scalar_type());
  if (is_layer_norm()) {
    return at::layer_norm(x, weight.sizes(), weight.to(type), bias.to(type), epsilon_);
  }
  // Without a gate: the root mean square norm, in one loop on CPU.
  return GatedNorm(x, /*z=*/{}, weight, {.epsilon = epsilon_});
}

}  // namespace longplay
