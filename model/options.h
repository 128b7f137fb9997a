// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "model/attention_options.h"

namespace longplay {

enum class TokenLayout { kMerged, kInterleaved };
enum class ActionHead { kSquaredError, kGaussian, kCategorical };
/// What moves information along the sequence in a layer. kTaipan, kMasFormer and kRecurrentMemory
/// name whole stacks: PlanStack (model/layers/stack_plan.h) makes them of the others.
enum class MixerKind {
  kAttention,
  kReferenceAttention,
  kMamba,
  kMamba2,
  kTaipan,
  kMasFormer,
  kRwkv,
  kRecurrentMemory,
  kMemSizer
};
struct MixerName {
  MixerKind kind;
  const char* name;          // of model.mixer
  bool in_one_layer = true;  // false: it names a whole stack and cannot stand beside others
};
inline constexpr MixerName kMixerNames[] = {
    {MixerKind::kAttention, "attention"},
    {MixerKind::kMamba, "mamba"},
    {MixerKind::kMamba2, "mamba2"},
    {MixerKind::kTaipan, "taipan"},
    {MixerKind::kMasFormer, "masformer", false},
    {MixerKind::kRwkv, "rwkv"},
    {MixerKind::kRecurrentMemory, "recurrent_memory", false},
    {MixerKind::kMemSizer, "memsizer"},
    {MixerKind::kReferenceAttention, "reference_attention"},
};
/// The second branch of a layer. kAuto = what the mixer's source has: nothing beside Mamba, RWKV's
/// channel mix, SwiGLU in Taipan's attention layers, else GELU.
enum class FeedForwardKind { kAuto, kNone, kGelu, kGeluTanh, kRelu, kSwiGlu };
/// kAuto = what the mixer's source has: root mean square for Mamba and Taipan, else LayerNorm.
enum class NormKind { kAuto, kLayer, kRootMeanSquare };
/// What mixers keep of the context where a new episode of a chain begins: everything, or nothing.
enum class EpisodeContext { kCarry, kReset };
/// Where MASFormer's layers with full attention stand in the stack.
enum class FullLayers { kBottom, kTop, kInterleaved };
/// Which earlier tokens a selected token of Taipan attends to.
enum class SelectedKeys { kAll, kSelected };
/// What a layer keeps from forward to backward; the rest is computed again. kAuto = training chooses
/// (agent/training/choose_keep.h); layers refuse it.
enum class Keep { kEverything, kLayerInputs, kLayerInputsAndAttention, kAuto };
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
  bool normalise = false;      // LayerNorm over every embedded token, as in Decision Transformer
  bool follow_stream = false;  // interleaved: an action's token (reward's, completion's) has the
                               // place of its own step, and there is none before the first step of
                               // a chain, as in Decision Transformer
};

struct KeptOptions {
  KeptType type = KeptType::kAsComputed;
  KeptPlace place = KeptPlace::kDevice;
};

/// Source: arXiv 2312.00752.
struct MambaOptions {
  int64_t state = 16;       // numbers a channel remembers
  int64_t convolution = 4;  // [tokens] seen by the short convolution
  int64_t expand = 2;       // channels = expand * width
  int64_t step_rank = 0;    // of the map that gives each channel its time step; 0 = width / 16, up
};

/// Source: arXiv 2405.21060.
struct Mamba2Options {
  int64_t state = 64;
  int64_t head_width = 64;  // channels that share a decay; divides expand * width
  int64_t groups = 1;       // of heads that share B and C
  int64_t convolution = 4;  // [tokens]
  int64_t expand = 2;
  int64_t chunk = 64;  // [tokens] in one matrix product; decides speed, not results
};

/// Source: arXiv 2305.13048 (version 4), 2503.14456 (version 7).
struct RwkvOptions {
  int64_t version = 7;
  int64_t head_width = 64;  // version 7; divides the width
  // Ranks of version 7's low-rank maps; 0 = as in the source for this width.
  int64_t decay_rank = 0, rate_rank = 0, value_rank = 0, gate_rank = 0;
};

/// Source: arXiv 2410.18572. Heads are those of the attention.
struct TaipanOptions {
  int64_t period = 6;      // Mamba-2 layers before each layer of selective attention
  double capacity = 0.15;  // share of tokens that attend, asked for by the penalty
  double penalty = 1;      // weight of (capacity - share)^2 in the loss, for each such layer
  double temperature = 1;  // of the Gumbel softmax while training
  int64_t span = 2048;     // [tokens] that a selected token sees; 0 = all
  SelectedKeys keys = SelectedKeys::kAll;
};

/// Source: arXiv 2310.12442.
struct MasFormerOptions {
  int64_t full_layers = 1;  // of the stack's layers; the others see `span` tokens
  FullLayers placement = FullLayers::kBottom;
  int64_t span = 1024;  // [tokens]
};

/// Source: arXiv 2207.06881.
struct RecurrentMemoryOptions {
  int64_t tokens = 8;     // memory tokens, before and after each segment
  int64_t segment = 512;  // [tokens]
  int64_t unrolled = 0;   // segments that gradients pass through; 0 = all
};

/// Source: arXiv 2203.12644.
struct MemSizerOptions {
  int64_t slots = 32;  // memory slots
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
  std::vector<MixerKind> layer_mixers = {};  // one per layer, in place of mixer; empty = none
  MambaOptions mamba = {};
  Mamba2Options mamba2 = {};
  RwkvOptions rwkv = {};
  TaipanOptions taipan = {};
  MasFormerOptions masformer = {};
  RecurrentMemoryOptions memory = {};
  MemSizerOptions memsizer = {};
  NormKind norm = NormKind::kAuto;
  double norm_epsilon = 1e-5;
  FeedForwardKind feed_forward = FeedForwardKind::kAuto;
  EpisodeContext episode_context = EpisodeContext::kCarry;
  int64_t feed_forward_width = 512;  // hidden units, usually 4 * width
  double dropout = 0;                // on residual branches, 0 to 1
  Keep keep = Keep::kLayerInputsAndAttention;
  KeptOptions kept = {};
  int64_t tokens_at_once = 0;        // [tokens] layers run over chunks of so many: what a layer
                                     // needs beside its input and gradient is then of that length,
                                     // some projections are repeated; 0 = whole sequences
  bool bfloat16 = false;             // layers compute in bfloat16 while training; weights stay
  bool step_embedding = true;        // tokens hold the place of the step in its episode
  bool episode_embedding = true;     // ... and of the episode in its chain
  int64_t max_episode_steps = 1000;  // rows of the step embedding; later steps share the last row
  int64_t max_episodes = 64;         // rows of the episode embedding; likewise
};

}  // namespace longplay
