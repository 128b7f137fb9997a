// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "agent/config/run_options.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Whether a progress bar shows what takes long.
enum class LoadProgress { kShown, kSilent };

/// The data of a run, in memory or mapped as its options say.
EpisodeSet LoadData(const DataOptions& options, LoadProgress progress = LoadProgress::kShown);

struct TrainingData {
  EpisodeSet training;
  std::optional<EpisodeSet> validation = {};  // what data.validation keeps out
};

/// The same, divided as `options` say.
TrainingData LoadTrainingData(const RunOptions& options,
                              LoadProgress progress = LoadProgress::kShown);

}  // namespace longplay
