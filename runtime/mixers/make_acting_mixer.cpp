// SPDX-License-Identifier: MIT
#include "runtime/files/failure.h"
#include "runtime/longplay.h"
#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {

std::unique_ptr<ActingMixer> MakeActingMixer(const MixerParts& parts, WeightLoader& weights) {
  switch (parts.layer->mixer) {
    case ActingMixerKind::kAttention:
      return MakeActingAttention(parts, weights);
    case ActingMixerKind::kSelective:
      return MakeActingSelective(parts, weights);
    case ActingMixerKind::kMamba:
      return MakeActingMamba(parts, weights);
    case ActingMixerKind::kMamba2:
      return MakeActingMamba2(parts, weights);
    case ActingMixerKind::kRwkv4:
      return MakeActingRwkv4(parts, weights);
    case ActingMixerKind::kRwkv7:
      return MakeActingRwkv7(parts, weights);
    case ActingMixerKind::kMemSizer:
      return MakeActingMemSizer(parts, weights);
  }
  Fail(LONGPLAY_NOT_SUPPORTED, "opening a policy: mixer: expected one that acts, got another");
}

std::unique_ptr<ActingMixer> MakeActingBranch(const MixerParts& parts, WeightLoader& weights) {
  switch (parts.layer->branch) {
    case ActingBranch::kNone:
      return nullptr;
    case ActingBranch::kChannelMix:
      return MakeActingChannelMix(parts, weights);
    default:
      return MakeActingFeedForward(parts, weights);
  }
}

}  // namespace longplay::runtime
