// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "model/mixing/sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// The mixer of layer `layer` (from 0). `kind` is none of those that name stacks. Throws c10::Error
/// for others, and for options that the mixer cannot have.
std::shared_ptr<SequenceMixer> MakeSequenceMixer(MixerKind kind, const ModelOptions& options,
                                                 int64_t layer);

}  // namespace longplay
