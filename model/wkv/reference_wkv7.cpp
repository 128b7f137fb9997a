// SPDX-License-Identifier: MIT
#include "model/wkv/reference_wkv7.h"

#include <torch/types.h>

#include <vector>

namespace longplay {

Wkv7Output ReferenceWkv7(const Wkv7Input& input, const torch::Tensor& state) {
  auto S = state;  // [B, H, K values, K keys]
  std::vector<torch::Tensor> y;
  for (int64_t t = 0; t < input.r.size(1); ++t) {
    const auto column = [&](const torch::Tensor& x) { return x.select(1, t).unsqueeze(-1); };
    const auto row = [&](const torch::Tensor& x) { return x.select(1, t).unsqueeze(-2); };
    if (input.starts.defined()) S = S.masked_fill(input.starts.select(1, t).view({-1, 1, 1, 1}), 0);
    // S_t = S_(t-1) diag(w) + (S_(t-1) a) b^T + v k^T; y_t = S_t r.
    S = S * row(input.w) + torch::matmul(torch::matmul(S, column(input.a)), row(input.b)) +
        torch::matmul(column(input.v), row(input.k));
    y.push_back(torch::matmul(S, column(input.r)).squeeze(-1));  // [B, H, K]
  }
  return {torch::stack(y, 1), S};
}

}  // namespace longplay
