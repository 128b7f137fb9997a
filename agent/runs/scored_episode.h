// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "agent/config/run_options.h"

namespace longplay {

/// The number, from 1, of the evaluation episode that a policy trained and played as `options` say
/// is scored on: the last one of which nothing is beyond its training.
///
/// A policy that keeps all episodes in context leaves its training after as many as a training
/// chain has. One that forgets (single episodes, a context that is reset, a window within what it
/// was trained on) never does, and is scored on the last.
int64_t ScoredEpisode(const RunOptions& options);

/// Whether such a policy plays every episode as if it were the first: nothing is gained or lost by
/// its number.
bool PlaysEpisodesApart(const RunOptions& options);

}  // namespace longplay
