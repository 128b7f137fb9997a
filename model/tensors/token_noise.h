// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/tensors/keyed_noise.h"
#include "model/tensors/range.h"

namespace longplay {

/// Everything that is drawn at a token of a layer. (Numbers stay as they are: they decide draws.)
enum class NoiseUse : int64_t {
  kEmbedding = 0,          // dropout of the token, in front of the layers
  kMixerBranch = 1,        // dropout of what the mixer adds
  kFeedForwardBranch = 2,  // dropout of what the second branch adds
  kAttentionWeights = 3,   // dropout of a query's weights
  kSlotWeights = 4,        // dropout of MemSizer's
  kChoice = 5,             // Gumbel noise of selective attention
  kMemory = 6,             // keys of the memory tokens around a segment that begins here
  kKeptInput = 7,          // rounding of kept tensors
  kKeptHeads = 8,
  kKeptProjections = 9,
  kKeptHidden = 10
};

/// Where the noise of n tokens of B rows comes from.
struct TokenNoise {
  torch::Tensor keys = {};     // [B, n] int64, of each token; undefined = nothing is drawn
  torch::Tensor numbers = {};  // [B, n] int64, of each token in its chain
  int64_t layer = 0;           // whose noise it is: 1, 2, ..; 0 = of what is around the layers

  bool defined() const { return keys.defined(); }
  TokenNoise OfLayer(int64_t index) const;  // index: 0, 1, ..
  TokenNoise Of(Range tokens) const;        // a part of the tokens; views
  TokenNoise OfRows(Range rows) const;      // some of the B rows; views

  /// [B, n] int64. Throws c10::Error when nothing was to be drawn.
  torch::Tensor KeysOf(NoiseUse use) const;
};

/// Noise of N * tokens_per_step tokens of B rows.
///   segments  [B, N] int64: a step's chain within the batch, equal ones stand together, numbers
///             count from a chain's first step; undefined = row i is chain i
TokenNoise NoiseOfTokens(const NoiseKey& key, const torch::Tensor& segments, int64_t B, int64_t N,
                         int64_t tokens_per_step, const torch::Device& device);

}  // namespace longplay
