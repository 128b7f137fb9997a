// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cstdint>

#include "model/attention/visibility.h"
#include "model/attention_options.h"
#include "model/tensors/range.h"

namespace longplay {

/// Rows of x [B, H, T, ..] in the range; a view.
inline torch::Tensor RowsOf(const torch::Tensor& x, Range range) {
  return x.narrow(2, range.first, range.size());
}

/// Geometry of one attention over T queries and S keys at the positions that the visibility names:
/// which key blocks a query block needs, and what is hidden inside a pair. Ranges count queries and
/// keys of the call, not positions.
class BlockPlan {
 public:
  /// `visibility` and `options` must outlive the plan. Throws c10::Error for impossible sizes.
  BlockPlan(int64_t T, int64_t S, const Visibility& visibility, const AttentionOptions& options);

  Range queries() const { return {0, T_}; }
  Range keys() const { return {0, S_}; }
  int64_t PositionOfQuery(int64_t query) const { return first_query_ + query; }
  int64_t PositionOfKey(int64_t key) const { return visibility_.first_key + key; }

  template <typename Body>
  void ForEachQueryBlock(const Body& body) const {
    for (int64_t i = 0; i < T_; i += options_.query_block) {
      body(Range{i, std::min(T_, i + options_.query_block)});
    }
  }

  /// Key blocks that at least one query of the block sees; those above the diagonal, and between
  /// the sinks and the span, are never touched.
  template <typename Body>
  void ForEachKeyBlock(Range queries, const Body& body) const {
    // From the block that holds the first query's oldest key to the last query's own; sinks in
    // front of that have blocks of their own.
    const int64_t newest = PositionOfQuery(queries.last - 1) - visibility_.first_key;
    const int64_t last = std::min(S_, newest + 1), step = options_.key_block;
    const int64_t first = OldestVisible(queries) / step * step;
    const int64_t sinks =
        std::clamp<int64_t>(visibility_.sinks - visibility_.first_key, 0, std::min(first, last));
    for (int64_t j = 0; j < sinks; j += step) body(Range{j, std::min(sinks, j + step)});
    for (int64_t j = first; j < last; j += step) {
      body(Range{j, std::min(last, j + step)});
    }
  }

  /// [B or 1, 1, queries, keys] bool, true = hidden; undefined when every pair is visible.
  torch::Tensor Hidden(Range queries, Range keys, torch::Device device) const;

  /// True when every query of the range sees every key of the range.
  bool AllVisible(Range queries, Range keys) const;

  /// True when the two ranges are one chunk and the causal rule is all that hides something.
  bool OnlyDiagonal(Range queries, Range keys) const;

 private:
  bool HasMasks() const { return visibility_.keys.defined() || visibility_.segments.defined(); }
  bool CrossesDiagonal(Range queries, Range keys) const {
    return PositionOfKey(keys.last - 1) > PositionOfQuery(queries.first);
  }
  bool CrossesSpan(Range queries, Range keys) const {
    return visibility_.span > 0 && PositionOfKey(keys.last - 1) >= visibility_.sinks &&
           PositionOfKey(keys.first) <= PositionOfQuery(queries.last - 1) - visibility_.span;
  }
  int64_t OldestVisible(Range queries) const {
    if (visibility_.span == 0) return 0;
    return std::max<int64_t>(
        0, PositionOfQuery(queries.first) - visibility_.span + 1 - visibility_.first_key);
  }

  int64_t T_, S_, first_query_;
  const Visibility& visibility_;
  const AttentionOptions& options_;
};

}  // namespace longplay
