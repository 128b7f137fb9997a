// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "agent/batches/step_totals.h"
#include "agent/ranks/process_group.h"

namespace longplay {

/// Numbers of every pass of a step, from this rank's own: [passes of all ranks][numbers], the same
/// bytes on every rank. Without a group the own ones are all.
///   own  [passes of this rank][numbers]
std::vector<std::vector<double>> OfAllPasses(ProcessGroup* group, const StepTotals& totals,
                                             std::vector<std::vector<double>> own);

/// Leaves in the gradients of `parameters` their sum over ranks: bucket by bucket, so that little
/// memory is needed beside them. Each rank sends as many bytes as its gradients have.
void AllReduceGradients(ProcessGroup& group, const std::vector<torch::Tensor>& parameters);

/// The same, summed pass by pass in the order of the step's passes, as one process does: the same
/// bytes on any number of ranks. A rank adds its passes to the sum of those before it and hands that
/// on; the last rank sends the whole to all.
///   passes  [own passes][parameters], undefined where a pass did not use one; on rank 0 they may be
///           summed already
void SumGradientsInOrder(ProcessGroup& group, const std::vector<torch::Tensor>& parameters,
                         const std::vector<std::vector<torch::Tensor>>& passes);

}  // namespace longplay
