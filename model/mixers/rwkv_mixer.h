// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "model/mixers/sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// RWKV's time mix of the version that the options name; see Rwkv4Mixer and Rwkv7Mixer.
std::shared_ptr<SequenceMixer> MakeRwkvMixer(const ModelOptions& options, int64_t layer);

}  // namespace longplay
