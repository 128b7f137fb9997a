// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace longplay {

enum class TokenLayout { kMerged, kInterleaved };
enum class ActionHead { kSquaredError, kGaussian, kCategorical };
enum class MixerKind { kAttention, kReferenceAttention };
/// What a layer keeps from forward to backward; the rest is computed again.
enum class Keep { kEverything, kLayerInputs, kLayerInputsAndAttention };
/// In which type the kept tensors wait. The 8-bit and 16-bit ones cost a little gradient error.
enum class KeptType { kAsComputed, kBFloat16, kInt8 };
/// Where they wait: beside the computation, in the host's memory, or in a memory-mapped file.
enum class KeptPlace { kDevice, kHost, kFile };

/// Which of a step's quantities become input. All true = the Agentic Transformer's five.
struct TokenOptions {
  TokenLayout layout = TokenLayout::kMerged;  // interleaved: five tokens a step, merged: one
  bool use_return = true;
  bool use_observation = true;
  bool use_action = true;
  bool use_reward = true;
  bool use_completion = true;
};

struct AttentionOptions {
  int64_t width = 128;          // D; must be divisible by heads
  int64_t heads = 4;            // H; head width is K = D / H
  int64_t key_value_heads = 0;  // fewer than heads: groups of heads share keys and values, 1 =
                                // multi-query; 0 = as many as heads
  int64_t span = 0;             // [tokens] a token sees the last `span` ones; 0 = all
  double dropout = 0;           // of attention weights, 0 to 1; runs without the fused kernels
  int64_t query_block = 512;    // [tokens] score memory grows with query_block * key_block; the
                                // feed-forward and the projections run over as many rows at once
  int64_t key_block = 512;      // [tokens]
};

struct KeptOptions {
  KeptType type = KeptType::kAsComputed;
  KeptPlace place = KeptPlace::kDevice;
};

struct ModelOptions {
  int64_t observation_size = 0;  // O
  int64_t action_size = 0;       // A
  ActionHead head = ActionHead::kSquaredError;
  TokenOptions tokens = {};
  MixerKind mixer = MixerKind::kAttention;
  int64_t layers = 3;
  AttentionOptions attention = {};        // width, heads and block sizes
  std::vector<int64_t> layer_spans = {};  // one per layer, in place of attention.span; empty = none
  int64_t feed_forward_width = 512;       // hidden units, usually 4 * width
  double dropout = 0;                     // on residual branches, 0 to 1
  Keep keep = Keep::kLayerInputsAndAttention;
  KeptOptions kept = {};
  int64_t tokens_at_once = 0;        // [tokens] layers run over stretches of so many: what a layer
                                     // needs beside its input and gradient is then of that length,
                                     // some projections are repeated; 0 = whole sequences
  bool bfloat16 = false;             // layers compute in bfloat16 while training; weights stay
  int64_t max_episode_steps = 1000;  // rows of the step embedding; later steps share the last row
  int64_t max_episodes = 64;         // rows of the episode embedding; likewise
};

}  // namespace longplay
