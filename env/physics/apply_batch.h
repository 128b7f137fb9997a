// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mjbatch.h>

namespace longplay {

/// mjb_apply: `work` on each simulation, on the batch's threads, done when it returns. MuJoCo's
/// library is not built for the thread sanitizer, which is told here what that means: all that was
/// written before is seen by the work, and all that the work wrote is seen after it.
int ApplyToBatch(mjBatch* batch, const int* ids, int count, mjfBatchFunc work, void* argument,
                 int save);

}  // namespace longplay
