// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "model/ranks/context_ranks.h"
#include "model/tensors/range.h"
#include "model/tensors/token_noise.h"

namespace longplay {

/// How a sequence is cut for R ranks. kInOrder: R ranges, one after another, which mixers with a
/// state need. kZigzag: of 2 R ranges rank r holds r and 2 R - 1 - r, so that under the causal rule
/// all see as many pairs of tokens (arXiv 2310.01889's ring, in the order of zhuzilin's).
enum class SliceOrder { kInOrder, kZigzag };

/// Which items (time steps, or tokens) of one sequence each rank holds.
struct SequenceSlice {
  ContextRanks* ranks = nullptr;
  int64_t length = 0;                    // of the whole sequence
  std::vector<std::vector<Range>> held;  // [ranks], ascending, no two of them adjacent

  const std::vector<Range>& own() const { return held[ranks->rank()]; }
  int64_t size() const;  // of this rank's items
  bool is_last() const { return ranks->rank() + 1 == ranks->size(); }

  /// This rank's items of a whole [B, length, ..], one after another; a view where they are one
  /// range. Undefined = undefined.
  torch::Tensor Of(const torch::Tensor& whole) const;
  TokenNoise Of(const TokenNoise& whole) const;

  /// The same slice in tokens: k to a time step, without the first `cut` ones of the sequence.
  SequenceSlice InTokens(int64_t k, int64_t cut) const;
};

/// Ranges as equal as whole units of `unit` items allow. Throws c10::Error where there are fewer
/// units than ranks.
SequenceSlice CutSequence(int64_t length, SliceOrder order, int64_t unit, ContextRanks& ranks);

/// A slice of a batch's time steps, with what is known of all of them.
struct StepSlice {
  SequenceSlice steps;
  torch::Tensor segments;  // [B, N] int64 of the whole sequence, as StepTensors::segments
  torch::Tensor episodes;  // [B, N] int64 likewise
};

}  // namespace longplay
