// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "datasets/chains/batch.h"
#include "model/tensors/step_tensors.h"

namespace longplay {

/// A batch as tensors: one pass of an optimiser step. All of one floating type but where noted;
/// what the batch does not hold is undefined.
struct TrainingBatch {
  StepTensors inputs;
  torch::Tensor target_actions;     // [B, N, A] what to predict
  torch::Tensor in_loss;            // [B, N] bool, true = counts
  torch::Tensor taken_actions;      // [B, N, A]
  torch::Tensor rewards;            // [B, N] in the data's units
  torch::Tensor ends;               // [B, N] 1 = the task ended the episode with this step
  torch::Tensor cuts;               // [B, N] 1 = the episode's last step, not ended by the task
  torch::Tensor next_observations;  // [B, N, O] normalised
  torch::Tensor next_known;         // [B, N] bool
  int64_t rows = 0;                 // B
  int64_t steps_in_loss = 0;
};

/// Wraps the passes of optimiser step `step` as tensors of the type and on the device of `options`.
/// On the CPU in float32 nothing is copied: the batches must outlive the tensors. Noise is that of
/// the seed and the step, chains by their numbers in the step.
std::vector<TrainingBatch> ToTrainingBatches(std::vector<Batch>& passes, uint64_t seed,
                                             int64_t step, const torch::TensorOptions& options);

}  // namespace longplay
