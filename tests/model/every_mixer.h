// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "model/options.h"

namespace longplay {

/// Makes `options` those of a small stack of a mixer, by the name that tests have for it.
inline void UseMixer(const std::string& mixer, ModelOptions& options) {
  options.mamba.state = 3;
  options.mamba2 = {.state = 5, .head_width = 8, .chunk = 4};
  options.taipan = {.period = 1, .span = 6};
  options.masformer.span = 3;
  options.rwkv = {.version = mixer == "rwkv4" ? 4 : 7, .head_width = 8};
  options.memory = {.tokens = 2, .segment = 5};
  options.memsizer.slots = 3;
  options.tokens_at_once = 6;
  const std::map<std::string, MixerKind> kinds = {{"attention", MixerKind::kAttention},
                                                  {"reference", MixerKind::kReferenceAttention},
                                                  {"mamba", MixerKind::kMamba},
                                                  {"mamba2", MixerKind::kMamba2},
                                                  {"taipan", MixerKind::kTaipan},
                                                  {"masformer", MixerKind::kMasFormer},
                                                  {"rwkv4", MixerKind::kRwkv},
                                                  {"rwkv7", MixerKind::kRwkv},
                                                  {"memory", MixerKind::kRecurrentMemory},
                                                  {"memsizer", MixerKind::kMemSizer}};
  if (mixer == "mixed") {
    options.layer_mixers = {MixerKind::kMamba2, MixerKind::kAttention};
  } else {
    options.mixer = kinds.at(mixer);
  }
}

}  // namespace longplay
