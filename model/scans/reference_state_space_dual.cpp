// SPDX-License-Identifier: MIT
#include "model/scans/reference_state_space_dual.h"

#include <torch/types.h>

#include <vector>

namespace longplay {

DualResult ReferenceStateSpaceDual(const DualInputs& inputs, const torch::Tensor& state) {
  const int64_t heads_per_group = inputs.x.size(2) / inputs.b.size(2);
  const auto b = inputs.b.repeat_interleave(heads_per_group, 2).unsqueeze(3);  // [B, T, H, 1, S]
  const auto c = inputs.c.repeat_interleave(heads_per_group, 2).unsqueeze(3);
  auto s = state;  // [B, H, K, S]
  std::vector<torch::Tensor> y;
  for (int64_t t = 0; t < inputs.x.size(1); ++t) {
    const auto x = inputs.x.select(1, t);  // [B, H, K]
    const auto delta = inputs.delta.select(1, t).view({-1, x.size(1), 1, 1});
    if (inputs.starts.defined()) {
      s = s.masked_fill(inputs.starts.select(1, t).view({-1, 1, 1, 1}), 0);
    }
    const auto decay = torch::exp(delta * inputs.a.view({-1, 1, 1}));
    s = decay * s + delta * x.unsqueeze(3) * b.select(1, t);
    y.push_back((s * c.select(1, t)).sum(3) + inputs.d.unsqueeze(1) * x);
  }
  return {torch::stack(y, 1), s};
}

}  // namespace longplay
