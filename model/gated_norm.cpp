// SPDX-License-Identifier: MIT
#include "model/gated_norm.h"

#include <ATen/Functions.h>

namespace longplay {

torch::Tensor GatedNorm(const torch::Tensor& y, const torch::Tensor& z, const torch::Tensor& weight,
                        int64_t groups) {
  const auto parts = (y * at::silu(z)).unflatten(-1, {groups, -1});
  const auto rms = at::rms_norm(parts, {parts.size(-1)}, {}, 1e-5);
  return rms.flatten(-2) * weight.to(y.scalar_type());
}

}  // namespace longplay
