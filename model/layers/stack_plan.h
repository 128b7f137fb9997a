// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "model/layers/make_sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// One layer of a stack, every choice made.
struct LayerPlan {
  MixerKind mixer = MixerKind::kAttention;  // not kMasFormer or kRecurrentMemory; kTaipan is its
                                            // selective attention
  MixerPlace place = {};
  int64_t span = 0;                  // [tokens] that the layer's attention sees; 0 = all
  NormKind norm = NormKind::kLayer;  // not kAuto
  FeedForwardKind feed_forward = FeedForwardKind::kGelu;  // not kAuto
  bool has_channel_mixer = false;  // RWKV's, as second branch; feed_forward is then kNone
};

/// Which mixer stands in which layer, and what stands around the layers. The one place that knows
/// named stacks (Taipan, MASFormer, Recurrent Memory); layers and mixers do not.
struct StackPlan {
  std::vector<LayerPlan> layers;   // at least one
  bool normalises_tokens = false;  // there is a norm in front of the first layer
  bool has_memory = false;         // memory tokens stand around segments (RecurrentMemory)
  bool recomputes = true;          // false: the specification; autograd keeps everything
  bool attends_blockwise = true;   // every layer's mixer is blockwise attention
};

/// Throws c10::Error for options that no stack can have.
StackPlan PlanStack(const ModelOptions& options);

}  // namespace longplay
