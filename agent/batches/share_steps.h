// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "agent/batches/training_batch.h"
#include "model/options.h"
#include "model/ranks/context_ranks.h"

namespace longplay {

/// Leaves of each pass the steps that this rank of a context holds; what the layers must know of all
/// steps is in inputs.slice. The other ranks call it with the same passes.
/// Throws std::invalid_argument for chains that are too short to be shared.
void ShareSteps(std::vector<TrainingBatch>& passes, const ModelOptions& model,
                int64_t tokens_per_step, ContextRanks& ranks);

}  // namespace longplay
