// SPDX-License-Identifier: MIT
#include "model/blockwise_attention.h"

#include <torch/torch.h>

#include "model/reference_attention.h"

namespace longplay {

torch::Tensor BlockwiseAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const AttentionOptions& /*options*/) {
  const int64_t T = q.size(2), S = k.size(2);
  if (T == 1) return at::scaled_dot_product_attention(q, k, v);
  if (T == S) return at::scaled_dot_product_attention(q, k, v, {}, 0, /*is_causal=*/true);
  return ReferenceAttend(q, k, v);
}

}  // namespace longplay
