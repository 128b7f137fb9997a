// SPDX-License-Identifier: MIT
#include "model/wkv/reference_wkv4.h"

#include <torch/types.h>

#include <vector>

namespace longplay {

Wkv4Output ReferenceWkv4(const Wkv4Input& input, const Wkv4State& state) {
  auto [a, b, p] = state;
  std::vector<torch::Tensor> y;
  for (int64_t t = 0; t < input.k.size(1); ++t) {
    const auto k = input.k.select(1, t), v = input.v.select(1, t);  // [B, D]
    if (input.starts.defined()) {
      const auto start = input.starts.select(1, t).unsqueeze(1);  // [B, 1]
      a = a.masked_fill(start, 0);
      b = b.masked_fill(start, 0);
      p = p.masked_fill(start, -1e38);
    }
    // y_t: the state before the token, and the token itself with weight e^(u + k).
    auto largest = torch::maximum(p, input.u + k).detach();
    auto before = (p - largest).exp(), own = (input.u + k - largest).exp();
    y.push_back((before * a + own * v) / (before * b + own));
    // The state behind it: decayed by e^w, plus the token with weight e^k.
    largest = torch::maximum(p + input.w, k).detach();
    before = (p + input.w - largest).exp();
    own = (k - largest).exp();
    a = before * a + own * v;
    b = before * b + own;
    p = largest;
  }
  return {torch::stack(y, 1), {a, b, p}};
}

}  // namespace longplay
