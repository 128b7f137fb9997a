// SPDX-License-Identifier: MIT
#include "agent/batches/training_batch.h"

#include <torch/types.h>

#include <algorithm>
#include <vector>

#include "agent/batches/step_tensors.h"

namespace longplay {
namespace {

TrainingBatch ToTrainingBatch(Batch& batch, const torch::TensorOptions& options) {
  const int64_t B = batch.chains, N = batch.steps;
  const auto floats = [&](std::vector<float>& values, at::IntArrayRef shape) {
    return WrapFloats(values, shape, options);
  };
  const auto flags = [&](std::vector<uint8_t>& values) {
    if (values.empty()) return torch::Tensor();
    return torch::from_blob(values.data(), {B, N}, torch::kUInt8)
        .to(options.device(), torch::kBool);
  };
  const int64_t O = batch.rows.observation_size, A = batch.rows.action_size;
  TrainingBatch tensors{.inputs = ToStepTensors(batch.rows, B, options),
                        .target_actions = floats(batch.target_actions, {B, N, A}),
                        .in_loss = flags(batch.in_loss),
                        .taken_actions = floats(batch.taken_actions, {B, N, A}),
                        .rewards = floats(batch.rewards, {B, N}),
                        .ends = floats(batch.ends, {B, N}),
                        .cuts = floats(batch.cuts, {B, N}),
                        .next_observations = floats(batch.next_observations, {B, N, O}),
                        .next_known = flags(batch.next_known),
                        .rows = B,
                        .steps_in_loss = std::ranges::count(batch.in_loss, 1)};
  // Packed rows alone have segments.
  if (!batch.segments.empty()) {
    tensors.inputs.segments = torch::from_blob(batch.segments.data(), {B, N}, torch::kInt64)
                                  .to(options.device());  // [B, N]
  }
  return tensors;
}

}  // namespace

std::vector<TrainingBatch> ToTrainingBatches(std::vector<Batch>& passes, uint64_t seed,
                                             int64_t step, const torch::TensorOptions& options) {
  std::vector<TrainingBatch> tensors;
  tensors.reserve(passes.size());
  for (Batch& pass : passes) {
    tensors.push_back(ToTrainingBatch(pass, options));
    // Noise by the chain's number in the step, so that passes change nothing.
    tensors.back().inputs.noise = {seed, step, pass.first_chain};
  }
  return tensors;
}

}  // namespace longplay
