// SPDX-License-Identifier: MIT
#include "model/scans/reference_selective_scan.h"

#include <torch/types.h>

#include <vector>

namespace longplay {

Scanned ReferenceSelectiveScan(const ScanInputs& inputs, const torch::Tensor& state) {
  auto s = state;  // [B, E, S]
  std::vector<torch::Tensor> y;
  for (int64_t t = 0; t < inputs.x.size(1); ++t) {
    const auto at = [t](const torch::Tensor& of) { return of.select(1, t); };
    const auto x = at(inputs.x).unsqueeze(2), delta = at(inputs.delta).unsqueeze(2);  // [B, E, 1]
    const auto b = at(inputs.b).unsqueeze(1), c = at(inputs.c).unsqueeze(1);          // [B, 1, S]
    if (inputs.starts.defined()) s = s.masked_fill(at(inputs.starts).view({-1, 1, 1}), 0);
    s = torch::exp(delta * inputs.a) * s + delta * x * b;
    y.push_back((s * c).sum(2) + inputs.d * at(inputs.x));
  }
  return {torch::stack(y, 1), s};
}

}  // namespace longplay
