// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "agent/ranks/process_group.h"

namespace longplay {

/// Which of a step's passes this rank computes.
struct OwnPasses {
  int64_t first = 0;  // number of the first one
  int64_t all = 0;    // passes of all ranks
};

/// Numbers of every pass of a step, from this rank's own: [passes of all ranks][numbers], the same
/// bytes on every rank. Without a group the own ones are all.
///   own  [passes of this rank][numbers]
std::vector<std::vector<double>> OfAllPasses(ProcessGroup* group, const OwnPasses& passes,
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
