// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "model/attention/attention_blocks.h"
#include "model/attention/visibility.h"
#include "model/attention_options.h"
#include "model/ranks/sequence_slice.h"

namespace longplay {

/// Attention of one rank's queries to the keys of all ranks. Ranges count this rank's own tokens.
struct RingAttention {
  const SequenceSlice& slice;  // of tokens
  const AttentionOptions& options;
  Visibility visibility;  // by position in the whole sequence; dropout's keys [B, H, n] are those
                          // of this rank's queries
  int64_t key_heads;      // G
  torch::Tensor q;        // [B, H, n, K] of this rank's tokens
  std::function<torch::Tensor(Range own)> keys;  // [B, tokens, 2 G K]: keys, then values
};

/// Softmax attention over ranks (Ring Attention). Keys and values travel in blocks of
/// TokensTravelling tokens, from their owner to every rank that sees any of them, in the order of the
/// ring, while blocks that have come are attended to. No gradient is recorded.
///
///   rank s ─ block ─► next rank that sees it ─ block ─► next .. ─► last          forward
///   rank s ─ block, gradient ─► next .. ─► last ─ gradient ─► rank s              backward
///
/// Equals Attend over the whole sequence up to rounding.
/// Source: arXiv 2310.01889.
Attended AttendOverRanks(const RingAttention& ring);

/// Backward of AttendOverRanks. Returns the gradient of q [B, H, n, K] in the wide type, and calls
/// `add` with that of every block of this rank's own keys and values: [B, tokens, 2 G K], once each.
torch::Tensor AttendOverRanksBackward(
    const RingAttention& ring, const torch::Tensor& grad_heads, const Attended& attended,
    const std::function<void(Range own, const torch::Tensor& grad)>& add);

/// [tokens] of a block that travels at once.
int64_t TokensTravelling(const AttentionOptions& options);

/// Keys and values of so many tokens leave this rank in a forward pass, its own and those of others
/// that it passes on; and gradients of so many in a backward pass.
struct RingTraffic {
  int64_t keys = 0, gradients = 0;  // [tokens]
};
RingTraffic TrafficOf(const SequenceSlice& slice, const AttentionOptions& options, int64_t rank);

}  // namespace longplay
