// SPDX-License-Identifier: MIT
#include "model/sequence_mixer.h"

#include "model/attention_mixer.h"

namespace longplay {

std::shared_ptr<SequenceMixer> MakeSequenceMixer(MixerKind kind, const AttentionOptions& options) {
  switch (kind) {
    case MixerKind::kAttention:
    case MixerKind::kReferenceAttention:
      return std::make_shared<AttentionMixer>(kind, options);
  }
  TORCH_CHECK(false, "building a sequence mixer: kind: got unknown number ",
              static_cast<int>(kind));
}

}  // namespace longplay
