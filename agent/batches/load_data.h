// SPDX-License-Identifier: MIT
#pragma once

#include "agent/config/run_options.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// The data of a run, in memory or mapped as its options say; a progress bar shows the packing.
EpisodeSet LoadData(const DataOptions& options);

}  // namespace longplay
