// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "agent/runs/checkpoint.h"

namespace longplay {

/// What one decision of one chain costs with `context` time steps in its context.
struct ActingCost {
  double milliseconds = 0;  // median of the last decisions, encoding and head included
  int64_t context = 0;      // [time steps] decided before
  int64_t state_bytes = 0;  // what the chain remembers there
};

struct ActingLength {
  int64_t episodes = 1;
  int64_t episode_steps = 1;  // [decisions] of each
  double seconds = 10;        // the context is filled no longer than this
};

/// Lets the policy act on made-up observations until its context holds `length`. Installs the
/// memory meter.
ActingCost MeasureActing(const LoadedPolicy& policy, const ActingLength& length);

}  // namespace longplay
