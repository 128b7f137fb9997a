// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "datasets/store/episode_set.h"
#include "datasets/validate.h"

namespace longplay {

/// What a caller must know of a data set, as JSON; longplay_dataset_info has the keys.
std::string InfoText(const EpisodeSet& set, const Normalizer& normalizer);

/// {"valid", "problems": [{"severity", "where", "problem"}]}.
std::string ProblemsText(const std::vector<Problem>& problems);

}  // namespace longplay
