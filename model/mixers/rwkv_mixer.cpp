// SPDX-License-Identifier: MIT
#include "model/mixers/rwkv_mixer.h"

#include "model/mixers/rwkv4_mixer.h"
#include "model/mixers/rwkv7_mixer.h"

namespace longplay {

std::shared_ptr<SequenceMixer> MakeRwkvMixer(const ModelOptions& options, int64_t layer) {
  switch (options.rwkv.version) {
    case 4:
      return std::make_shared<Rwkv4Mixer>(options, layer);
    case 7:
      return std::make_shared<Rwkv7Mixer>(options, layer);
    default:
      break;
  }
  TORCH_CHECK(false, "building RWKV: version: expected 4 or 7, got ", options.rwkv.version);
}

}  // namespace longplay
