// SPDX-License-Identifier: MIT
#include "model/layers/make_sequence_mixer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "model/mixers/attention_mixer.h"
#include "model/mixers/mamba2_mixer.h"
#include "model/mixers/mamba_mixer.h"
#include "model/mixers/memsizer_mixer.h"
#include "model/mixers/rwkv4_mixer.h"
#include "model/mixers/rwkv7_mixer.h"
#include "model/mixers/selective_attention.h"

namespace longplay {
namespace {

/// RWKV's time mix of the version that the options name.
std::shared_ptr<SequenceMixer> MakeRwkvMixer(const ModelOptions& options, const MixerPlace& place) {
  switch (options.rwkv.version) {
    case 4:
      return std::make_shared<Rwkv4Mixer>(options, place.layer);
    case 7:
      return std::make_shared<Rwkv7Mixer>(options, place.layer,
                                          place.is_first ? FirstValue::kSet : FirstValue::kRead);
    default:
      break;
  }
  TORCH_CHECK(false, "building RWKV: version: expected 4 or 7, got ", options.rwkv.version);
}

}  // namespace

Surroundings SurroundingsOf(MixerKind kind) {
  switch (kind) {
    case MixerKind::kMamba:
    case MixerKind::kMamba2:
      return {.norm = NormKind::kRootMeanSquare, .feed_forward = FeedForwardKind::kNone};
    case MixerKind::kTaipan:
      return {.norm = NormKind::kRootMeanSquare, .feed_forward = FeedForwardKind::kSwiGlu};
    case MixerKind::kRwkv:
      return {.feed_forward = FeedForwardKind::kNone,
              .has_channel_mixer = true,
              .normalises_tokens = true};
    default:
      return {};
  }
}

std::shared_ptr<SequenceMixer> MakeSequenceMixer(MixerKind kind, const ModelOptions& options,
                                                 const MixerPlace& place) {
  switch (kind) {
    case MixerKind::kAttention:
      return std::make_shared<AttentionMixer>(AttentionPath::kBlockwise, options.attention);
    case MixerKind::kReferenceAttention:
      return std::make_shared<AttentionMixer>(AttentionPath::kReference, options.attention);
    case MixerKind::kMamba:
      return std::make_shared<MambaMixer>(options);
    case MixerKind::kMamba2:
      return std::make_shared<Mamba2Mixer>(options);
    case MixerKind::kTaipan:
      return std::make_shared<SelectiveAttention>(options);
    case MixerKind::kRwkv:
      return MakeRwkvMixer(options, place);
    case MixerKind::kMemSizer:
      return std::make_shared<MemSizerMixer>(options);
    default:
      break;
  }
  TORCH_CHECK(false, "building a sequence mixer: kind: got one that names a stack or is unknown: ",
              static_cast<int>(kind));
}

}  // namespace longplay
