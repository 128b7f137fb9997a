// SPDX-License-Identifier: MIT
#pragma once

#include "agent/run_options.h"
#include "datasets/trajectory_set.h"

namespace longplay {

/// The data of a run, in memory or mapped as its options say; a progress bar shows the packing.
TrajectorySet LoadData(const DataOptions& options);

}  // namespace longplay
