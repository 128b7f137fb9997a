// SPDX-License-Identifier: MIT
#include "model/ranks/sequence_slice.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

namespace longplay {

int64_t SequenceSlice::size() const {
  int64_t sum = 0;
  for (const Range range : own()) sum += range.size();
  return sum;
}

torch::Tensor SequenceSlice::Of(const torch::Tensor& whole) const {
  if (!whole.defined()) return whole;
  std::vector<torch::Tensor> ranges;
  for (const Range range : own()) ranges.push_back(whole.narrow(1, range.first, range.size()));
  return ranges.size() == 1 ? ranges.front() : torch::cat(ranges, 1);
}

TokenNoise SequenceSlice::Of(const TokenNoise& whole) const {
  return {Of(whole.keys), Of(whole.numbers), whole.layer};
}

SequenceSlice SequenceSlice::InTokens(int64_t k, int64_t cut) const {
  SequenceSlice tokens{ranks, length * k - cut, held};
  for (std::vector<Range>& ranges : tokens.held) {
    for (Range& range : ranges) {
      range = {std::max<int64_t>(0, range.first * k - cut), range.last * k - cut};
    }
  }
  return tokens;
}

SequenceSlice CutSequence(int64_t length, SliceOrder order, int64_t unit, ContextRanks& ranks) {
  const int64_t R = ranks.size(), units = (length + unit - 1) / unit;
  TORCH_CHECK(units >= R, "sharing a sequence: expected at least ", R * unit - unit + 1,
              " of its steps for ", R, " ranks, got ", length);
  const int64_t ranges = order == SliceOrder::kZigzag ? 2 * R : R;
  SequenceSlice slice{&ranks, length, std::vector<std::vector<Range>>(R)};
  for (int64_t i = 0; i < ranges; ++i) {
    const auto begin = [&](int64_t range) {
      return std::min(length, range * units / ranges * unit);
    };
    if (begin(i) == begin(i + 1)) continue;
    // The last rank's two ranges of a zigzag are one.
    auto& held = slice.held[i < R ? i : 2 * R - 1 - i];
    if (!held.empty() && held.back().last == begin(i)) {
      held.back().last = begin(i + 1);
    } else {
      held.push_back({begin(i), begin(i + 1)});
    }
  }
  return slice;
}

}  // namespace longplay
