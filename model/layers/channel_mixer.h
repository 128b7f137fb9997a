// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "model/mixing/sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// RWKV's channel mix, the second branch of its layers, of the version that the options name: a
/// feed-forward of options.feed_forward_width hidden units that sees one token back.
///
///   version 4:  sigmoid(receptance(x_r)) × value(relu(key(x_k))²)
///   version 7:  value(relu(key(x_k))²)
///
/// x_r and x_k mix x and the token before. Its state is the last token [B, D]. Parameters have the
/// names and shapes of Hugging Face's RwkvFeedForward (version 4) and of the source (version 7).
/// Source: arXiv 2305.13048, section 3.1; 2503.14456, section 4.2; initial values and weight decay:
/// BlinkDL/RWKV-LM 038f06b, RWKV-v4neo/src/model.py, and 118e451, RWKV-v7/train_temp/src/model.py.
std::shared_ptr<SequenceMixer> MakeChannelMixer(const ModelOptions& options, int64_t layer);

}  // namespace longplay
