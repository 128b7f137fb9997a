// SPDX-License-Identifier: MIT
#include "model/attention/block_plan.h"

namespace longplay {

BlockPlan::BlockPlan(int64_t T, int64_t S, const Visibility& visibility,
                     const AttentionOptions& options)
    : T_(T),
      S_(S),
      first_query_(visibility.first_query == Visibility::kEnd ? visibility.first_key + S - T
                                                              : visibility.first_query),
      visibility_(visibility),
      options_(options) {
  // No query stands in front of all keys.
  TORCH_CHECK(first_query_ >= visibility.first_key,
              "attention: expected at least as many keys as queries, got ", S, " and ", T);
  TORCH_CHECK(options.query_block > 0 && options.key_block > 0,
              "attention: blocks: expected at least 1 token, got ", options.query_block, " and ",
              options.key_block);
}

torch::Tensor BlockPlan::Hidden(Range queries, Range keys, torch::Device device) const {
  const Range query{PositionOfQuery(queries.first), PositionOfQuery(queries.last)};
  const Range key{PositionOfKey(keys.first), PositionOfKey(keys.last)};
  const auto places = torch::TensorOptions().dtype(torch::kInt64).device(device);
  torch::Tensor hidden;
  const auto hide = [&](const torch::Tensor& more) {
    hidden = hidden.defined() ? hidden.logical_or(more) : more;
  };
  // Positions are compared only in pairs that the diagonal or the span's edge runs through.
  if (CrossesDiagonal(queries, keys) || CrossesSpan(queries, keys)) {
    const auto q = torch::arange(query.first, query.last, places).view({1, 1, -1, 1});
    const auto k = torch::arange(key.first, key.last, places).view({1, 1, 1, -1});
    if (CrossesDiagonal(queries, keys)) hide(k > q);
    if (CrossesSpan(queries, keys)) {
      auto beyond = k <= q - visibility_.span;
      if (visibility_.sinks > 0) beyond = beyond.logical_and(k >= visibility_.sinks);
      hide(beyond);
    }
  }
  // Padding and segments: masks cover the sequence, so a range is cut by position.
  const auto columns = [](const torch::Tensor& x, Range range) {
    return x.narrow(1, range.first, range.size());
  };
  if (visibility_.keys.defined()) {
    hide(columns(visibility_.keys, key).logical_not().unsqueeze(1).unsqueeze(1));
  }
  if (visibility_.segments.defined()) {
    const auto& segments = visibility_.segments;
    hide((columns(segments, query).unsqueeze(2) != columns(segments, key).unsqueeze(1))
             .unsqueeze(1));
  }
  return hidden;
}

bool BlockPlan::AllVisible(Range queries, Range keys) const {
  return !CrossesDiagonal(queries, keys) && !CrossesSpan(queries, keys) && !HasMasks();
}

bool BlockPlan::OnlyDiagonal(Range queries, Range keys) const {
  return PositionOfKey(keys.first) == PositionOfQuery(queries.first) &&
         keys.size() == queries.size() && !CrossesSpan(queries, keys) && !HasMasks();
}

}  // namespace longplay
