// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "agent/config/run_options.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// The data of a run, in memory or mapped as its options say; a progress bar shows the packing.
EpisodeSet LoadData(const DataOptions& options);

struct TrainingData {
  EpisodeSet training;
  std::optional<EpisodeSet> validation = {};  // what data.validation keeps out
};

/// The same, divided as `options` say.
TrainingData LoadTrainingData(const RunOptions& options);

}  // namespace longplay
