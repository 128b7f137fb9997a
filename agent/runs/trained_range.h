// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// The most that training can have shown a policy; all 0 = not known.
struct TrainedRange {
  int64_t episodes = 0;       // in a chain
  int64_t episode_steps = 0;  // [decisions] in an episode
  int64_t context_steps = 0;  // [time steps] before and with a decision, in its context

  bool operator==(const TrainedRange&) const = default;
};

}  // namespace longplay
