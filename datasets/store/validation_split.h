// SPDX-License-Identifier: MIT
#pragma once

#include "datasets/store/episode_set.h"

namespace longplay {

/// What is kept out of training together.
enum class ValidationUnit { kEpisode, kHistory };

struct ValidationSplit {
  EpisodeSet training, validation;
};

/// Keeps about `share` of the episodes (at least one unit, and not all) out of training: every set
/// of the same data is split the same way, whatever the seed of training. Histories are kept out
/// whole where chains are made of them, so that no part of one is seen in training.
/// Throws std::invalid_argument when there are fewer than two units.
ValidationSplit SplitForValidation(const EpisodeSet& set, double share, ValidationUnit unit);

}  // namespace longplay
