// SPDX-License-Identifier: MIT
#include "model/scans/reference_slot_memory.h"

#include <torch/types.h>

#include <vector>

namespace longplay {

SlotMemoryOutput ReferenceSlotMemory(const SlotMemoryInput& input, const SlotMemoryState& state) {
  auto [sums, tokens] = state;
  std::vector<torch::Tensor> y;
  for (int64_t t = 0; t < input.q.size(1); ++t) {
    if (input.starts.defined()) {
      const auto start = input.starts.select(1, t);  // [B]
      sums = sums.masked_fill(start.view({-1, 1, 1}), 0);
      tokens = tokens.masked_fill(start, 0);
    }
    sums = sums + input.k.select(1, t).unsqueeze(2) * input.v.select(1, t).unsqueeze(1);
    tokens = tokens + 1;
    const auto read = (input.q.select(1, t).unsqueeze(2) * sums).sum(1);  // [B, D]
    y.push_back(read / tokens.to(read.scalar_type()).sqrt().unsqueeze(1));
  }
  return {torch::stack(y, 1), {sums, tokens}};
}

}  // namespace longplay
