// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/learners/learner.h"
#include "agent/training/pass_threads.h"

namespace longplay {

/// What one update of a step gave.
struct UpdateResult {
  std::map<std::string, double> figures;  // by Update::figures
  double gradient_norm = 0;               // before clipping
};

/// Leaves the gradient of update `update` of a step in its parameters, the sum over `passes`, and
/// returns its figures, in the order of Update::figures. With `pass_threads` passes are computed side by
/// side (the learner's losses_are_independent); sums are taken in the order of passes, so that they
/// do not depend on who was done first.
std::vector<double> AccumulateGradients(Learner& learner, size_t update, Optimizer& optimizer,
                                        std::span<const TrainingBatch> passes,
                                        PassThreads* pass_threads = nullptr);

/// All updates of step `step` (from 1), in their order. One whose loss or gradient is not finite
/// changes nothing, and neither do those after it.
std::vector<std::optional<UpdateResult>> TakeStep(Learner& learner, int64_t step,
                                                  std::span<const TrainingBatch> passes,
                                                  PassThreads* pass_threads = nullptr);

}  // namespace longplay
