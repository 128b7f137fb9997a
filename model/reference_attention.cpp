// SPDX-License-Identifier: MIT
#include "model/reference_attention.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

namespace longplay {

torch::Tensor ReferenceAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v) {
  const int64_t T = q.size(2), S = k.size(2);
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
  const auto sees = torch::ones({T, S}, q.options().dtype(torch::kBool)).tril(S - T);
  const auto scores = torch::matmul(q * scale, k.transpose(-2, -1))  // [B, H, T, S]
                          .masked_fill(~sees, -std::numeric_limits<double>::infinity());
  return torch::matmul(torch::softmax(scores, -1), v);
}

}  // namespace longplay
