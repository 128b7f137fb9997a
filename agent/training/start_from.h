// SPDX-License-Identifier: MIT
#pragma once

#include "agent/config/run_options.h"
#include "datasets/episode.h"

namespace longplay {

/// `options` with the model and tokens of the run that train.start_from names. What only says how
/// to compute (blocks, what is kept, dropout, type) stays.
/// Throws std::invalid_argument when that run's policy is no sequence model or does not fit the
/// data, std::runtime_error when it cannot be loaded.
RunOptions WithModelToStartFrom(RunOptions options, const DatasetInfo& data);

}  // namespace longplay
