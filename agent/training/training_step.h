// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/batches/step_totals.h"
#include "agent/learners/learner.h"
#include "agent/ranks/process_group.h"
#include "agent/training/pass_threads.h"
#include "model/ranks/context_ranks.h"

namespace longplay {

/// What one update of a step gave.
struct UpdateResult {
  std::map<std::string, double> figures;  // by Update::figures
  double gradient_norm = 0;               // before clipping
};

/// What this rank computes of a step: its passes, in the step's order.
struct StepShare {
  std::span<const TrainingBatch> passes;
  StepTotals totals;  // of all ranks
};

/// A step whose passes are all here.
StepShare WholeStep(std::span<const TrainingBatch> passes);

/// Who computes a step.
struct StepWork {
  // Passes side by side on these (the learner's losses_are_independent); none = one after the other.
  PassThreads* threads = nullptr;
  ProcessGroup* group = nullptr;  // with other ranks; none = alone
  // Those of them that share these passes' chains; then no threads.
  ContextRanks* context = nullptr;
};

/// Leaves the gradient of update `update` of a step in its parameters, the sum over all passes of
/// all ranks, and returns its figures, in the order of Update::figures, the same on every rank.
/// Sums of passes side by side are taken in the order of passes, so that they depend neither on who
/// was done first nor on how many ranks there are; else each rank's passes are summed, then ranks.
std::vector<double> AccumulateGradients(Learner& learner, size_t update, Optimizer& optimizer,
                                        const StepShare& share, const StepWork& work = {});

/// All updates of step `step` (from 1), in their order. One whose loss or gradient is not finite
/// changes nothing, and neither do those after it: on no rank.
std::vector<std::optional<UpdateResult>> TakeStep(Learner& learner, int64_t step,
                                                  const StepShare& share,
                                                  const StepWork& work = {});

}  // namespace longplay
