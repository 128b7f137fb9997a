// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace longplay::runtime {

/// What moves information along the sequence in one layer; names of stacks (Taipan, MASFormer,
/// Recurrent Memory) are taken apart.
enum class ActingMixerKind { kAttention, kMamba, kMamba2, kSelective, kRwkv4, kRwkv7, kMemSizer };
enum class ActingBranch { kNone, kGelu, kGeluTanh, kRelu, kSwiGlu, kChannelMix };
enum class ActingHead { kSquaredError, kGaussian, kCategorical };

struct LayerFacts {
  ActingMixerKind mixer = ActingMixerKind::kAttention;
  ActingBranch branch = ActingBranch::kGelu;  // the second one
  bool layer_norm = true;                     // else by the root mean square
  bool is_first_of_mixer = true;              // no layer below has the same mixer
  int64_t span = 0;                           // [tokens] that attention sees; 0 = all
};

/// From the task's units to the policy's (datasets/store/normalizer.h).
struct UnitFacts {
  std::vector<double> observation_mean, observation_offset, observation_std;  // [O]; offset or none
  std::vector<double> action_center, action_scale;                            // [A]
  double reward_scale = 1, return_scale = 1;
};

/// All that an exported config.json says about acting; every size is in sensible bounds.
struct PolicyFacts {
  // The policy.
  int64_t observation_size = 0, action_size = 0;  // O, A
  bool is_actor = false;                          // perceptrons that see the observation alone
  bool discrete = false;
  ActingHead head = ActingHead::kSquaredError;
  bool has_values = false;  // value heads beside the policy's own (train.method ic_iql)
  double value_scale = 1;   // values are those of rewards times this
  UnitFacts units;
  double best_return = 0;
  int64_t trained_episodes = 0, trained_episode_steps = 0, trained_context_steps = 0;
  // Its chains.
  bool use_return = false, use_observation = false, use_action = false, use_reward = false,
       use_completion = false;
  bool interleaved = false, normalises_tokens = false, follows_stream = false;
  bool carries_boundary = false;  // an episode's first step shows how the last one ended
  bool forgets_episodes = false;  // layers forget where an episode begins
  int64_t chain_episodes = 1, chain_window = 0;
  // Its layers.
  int64_t width = 0, heads = 0, shared_heads = 0, sinks = 0, hidden = 0;  // D, H, G, .., F
  double norm_epsilon = 1e-5;
  std::vector<LayerFacts> layers;
  bool norms_first = false;                       // a norm stands in front of the first layer
  int64_t memory_tokens = 0, memory_segment = 0;  // 0 = no recurrent memory
  int64_t mamba_state = 0, mamba_window = 0, mamba_channels = 0, mamba_rank = 0;
  int64_t mamba2_state = 0, mamba2_window = 0, mamba2_channels = 0, mamba2_head_width = 0,
          mamba2_groups = 0;
  int64_t rwkv_head_width = 0;
  int64_t slots = 0;           // MemSizer's
  bool sees_selected = false;  // Taipan: a selected token sees selected ones alone

  int64_t head_width() const { return width / heads; }
  int64_t outputs() const { return head == ActingHead::kGaussian ? 2 * action_size : action_size; }
  int64_t action_columns() const { return discrete ? 1 : action_size; }
  /// Of these, the first previous_tokens() tell of the step before, and there are none in front of
  /// a chain's first step.
  int64_t tokens_per_step() const {
    if (!interleaved) return 1;
    return use_return + use_observation + use_action + use_reward + use_completion;
  }
  int64_t previous_tokens() const {
    return follows_stream ? use_action + use_reward + use_completion : 0;
  }
};

}  // namespace longplay::runtime
