// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "model/mixing/sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// Where a mixer stands.
struct MixerPlace {
  int64_t layer = 0;     // from 0
  bool is_first = true;  // of its kind in the stack
};

/// What the source of a mixer has around it.
struct Surroundings {
  NormKind norm = NormKind::kLayer;
  FeedForwardKind feed_forward = FeedForwardKind::kGelu;  // the layer's second branch
  bool has_channel_mixer = false;  // the second branch is RWKV's; feed_forward is then kNone
  bool normalises_tokens = false;  // a norm stands in front of a stack that begins with it
};

// `kind` is none of those that name stacks alone (kMasFormer, kRecurrentMemory).

Surroundings SurroundingsOf(MixerKind kind);

/// Throws c10::Error for another kind, and for options that the mixer cannot have.
std::shared_ptr<SequenceMixer> MakeSequenceMixer(MixerKind kind, const ModelOptions& options,
                                                 const MixerPlace& place);

}  // namespace longplay
