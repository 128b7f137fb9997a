// SPDX-License-Identifier: MIT
#include "model/wkv/token_shift.h"

#include <torch/types.h>

namespace longplay {

torch::Tensor TokenBefore(const torch::Tensor& x, const torch::Tensor& last,
                          const torch::Tensor& starts) {
  auto before = last.to(x.scalar_type()).unsqueeze(1);  // [B, 1, D]
  if (x.size(1) > 1) before = torch::cat({before, x.narrow(1, 0, x.size(1) - 1)}, 1);
  return starts.defined() ? before.masked_fill(starts.unsqueeze(-1), 0) : before;
}

// A copy: a view would keep all of x in memory.
torch::Tensor LastToken(const torch::Tensor& x) { return x.select(1, x.size(1) - 1).clone(); }

}  // namespace longplay
