// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "datasets/store/step_summary.h"

namespace longplay {

/// The array `name` beside the steps of all episodes of a data set, one after another: an action at
/// each step that somebody else would have taken, [N, A] in the file's units, discrete ones one-hot.
///   rows  the data set's episodes
/// Throws std::runtime_error where an episode has no such array, or one that holds no actions.
std::vector<float> ReadStepLabels(const std::string& path, const std::string& name,
                                  const std::vector<EpisodeRow>& rows);

}  // namespace longplay
