// SPDX-License-Identifier: MIT
#pragma once

#include "datasets/chains/batch.h"
#include "runtime/data/longplay_data.h"

namespace longplay {

/// Where a batch's numbers lie; they are the batch's.
longplay_batch_arrays_of LendArrays(Batch& batch);

/// Copies the numbers that the caller has room for; longplay_batch_copy says how.
void CopyArrays(const longplay_batch_arrays_of& from, int64_t observation_size, int64_t action_size,
                const longplay_batch_arrays_of& to);

}  // namespace longplay
