// SPDX-License-Identifier: MIT
#include "model/attention/reference_attention.h"

#include <torch/types.h>

#include <cmath>
#include <limits>

namespace longplay {
namespace {

/// [B or 1, 1, T, S] bool, true = query t does not see key s.
torch::Tensor Hidden(int64_t T, int64_t S, const Visibility& visibility, torch::Device device) {
  const auto places = torch::TensorOptions().dtype(torch::kInt64).device(device);
  const int64_t first_key = visibility.first_key;
  const int64_t first_query =
      visibility.first_query == Visibility::kEnd ? first_key + S - T : visibility.first_query;
  const auto query = torch::arange(first_query, first_query + T, places).unsqueeze(1);  // [T, 1]
  const auto key = torch::arange(first_key, first_key + S, places);  // [S] positions
  // The causal rule first, then whatever else hides a key.
  auto hidden = (key > query).view({1, 1, T, S});
  if (visibility.span > 0) {
    const auto beyond = (key <= query - visibility.span).logical_and(key >= visibility.sinks);
    hidden = hidden.logical_or(beyond);
  }
  // Padding.
  if (visibility.keys.defined()) {
    hidden = hidden.logical_or(
        visibility.keys.narrow(1, first_key, S).logical_not().view({-1, 1, 1, S}));
  }
  if (visibility.segments.defined()) {
    const auto of_query = visibility.segments.narrow(1, first_query, T).view({-1, 1, T, 1});
    const auto of_key = visibility.segments.narrow(1, first_key, S).view({-1, 1, 1, S});
    hidden = hidden.logical_or(of_query != of_key);
  }
  return hidden;
}

/// The lowest finite number instead of -inf: a row that sees nothing stays finite, then is zeroed.
double Lowest(torch::ScalarType type) {
  if (type == torch::kFloat64) return std::numeric_limits<double>::lowest();
  if (type == torch::kBFloat16) return std::numeric_limits<c10::BFloat16>::lowest();
  return std::numeric_limits<float>::lowest();
}

}  // namespace

torch::Tensor ReferenceAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const Visibility& visibility) {
  const int64_t T = q.size(2), S = k.size(2), shared_by = q.size(1) / k.size(1);
  // Grouped queries: every query head gets its own copy of the keys that it shares.
  const auto keys = k.repeat_interleave(shared_by, 1), values = v.repeat_interleave(shared_by, 1);
  const auto scores = torch::matmul(q, keys.transpose(-2, -1)) / std::sqrt(q.size(-1));
  const auto hidden = Hidden(T, S, visibility, q.device());
  auto weights = torch::softmax(scores.masked_fill(hidden, Lowest(q.scalar_type())), -1);
  if (visibility.dropout.probability > 0) {
    weights = visibility.dropout.Of(weights, 0, visibility.first_key);
  }
  // A row that sees nothing has equal weights, not zeros, behind softmax.
  return torch::matmul(weights.masked_fill(hidden, 0), values);
}

}  // namespace longplay
