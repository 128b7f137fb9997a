// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

enum class TokenLayout { kMerged, kInterleaved };
enum class ActionHead { kSquaredError, kGaussian, kCategorical };
enum class MixerKind { kAttention, kReferenceAttention };
/// What a layer keeps from forward to backward; the rest is computed again.
enum class Keep { kEverything, kLayerInputs, kLayerInputsAndAttention };

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
  int64_t width = 128;        // D; must be divisible by heads
  int64_t heads = 4;          // H; head width is K = D / H
  int64_t query_block = 512;  // [tokens] score memory grows with query_block * key_block; the
                              // feed-forward and the projections run over as many rows at once
  int64_t key_block = 512;    // [tokens]
  int64_t heads_at_once = 0;  // fewer than all (0) keep less of q, k, v in memory, somewhat slower;
                              // for keep = layer_inputs...
};

struct ModelOptions {
  int64_t observation_size = 0;  // O
  int64_t action_size = 0;       // A
  ActionHead head = ActionHead::kSquaredError;
  TokenOptions tokens = {};
  MixerKind mixer = MixerKind::kAttention;
  int64_t layers = 3;
  AttentionOptions attention = {};   // width, heads and block sizes
  int64_t feed_forward_width = 512;  // hidden units, usually 4 * width
  double dropout = 0;                // on residual branches, 0 to 1
  Keep keep = Keep::kLayerInputsAndAttention;
  int64_t max_episode_steps = 1000;  // rows of the step embedding; later steps share the last row
  int64_t max_episodes = 64;         // rows of the episode embedding; likewise
};

}  // namespace longplay
