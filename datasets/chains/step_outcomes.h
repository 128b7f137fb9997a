// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "datasets/chains/affine_map.h"
#include "datasets/chains/batch.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Room for the outcomes of `rows` steps: rewards, ends, next observations.
void ResizeOutcomes(Batch& batch, int64_t rows, int64_t observation_size);

/// What step `t` of `episode` led to, as row `row` of the batch.
void WriteOutcome(const EpisodeSet& set, int64_t episode, int64_t t,
                  const AffineMap& observation_map, int64_t row, Batch& batch);

}  // namespace longplay
