// SPDX-License-Identifier: MIT
#include "model/attention/visibility.h"

#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

/// Keys of the rows of `weights` [B, H, queries, keys] at their place: [B, H, queries].
torch::Tensor KeysFor(const WeightDropout& dropout, const torch::Tensor& weights, int64_t query,
                      int64_t position) {
  // Column c is drawn at key + c: with the first position added, columns count positions.
  return dropout.keys.narrow(2, query, weights.size(2)) + position;
}

}  // namespace

torch::Tensor WeightDropout::Of(const torch::Tensor& weights, int64_t query,
                                int64_t position) const {
  return Drop(weights, KeysFor(*this, weights, query, position), probability);
}

void WeightDropout::Apply(torch::Tensor& weights, int64_t query, int64_t position) const {
  DropInPlace(weights, KeysFor(*this, weights, query, position), probability);
}

}  // namespace longplay
