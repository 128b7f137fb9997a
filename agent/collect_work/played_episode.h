// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>

namespace longplay {

/// What is told of an episode when it is done.
struct PlayedEpisode {
  int64_t length = 0;  // [decisions]
  double episode_return = 0;
  bool kept = false;  // an earlier call played it: it was found in a journal
};

using OnEpisode = std::function<void(const PlayedEpisode&)>;

}  // namespace longplay
