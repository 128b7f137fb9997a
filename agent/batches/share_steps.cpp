// SPDX-License-Identifier: MIT
#include "agent/batches/share_steps.h"

#include <torch/types.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>

#include "model/layers/layers_over_ranks.h"
#include "model/ranks/sequence_slice.h"

namespace longplay {
namespace {

void ShareBatch(TrainingBatch& batch, const StepSlice& whole) {
  StepTensors& inputs = batch.inputs;
  for (torch::Tensor* tensor :
       {&inputs.returns, &inputs.observations, &inputs.previous_actions, &inputs.previous_rewards,
        &inputs.previous_completions, &inputs.episode_steps, &inputs.episodes,
        &batch.target_actions, &batch.in_loss, &batch.taken_actions, &batch.rewards, &batch.ends,
        &batch.cuts, &batch.next_observations, &batch.next_known}) {
    *tensor = whole.steps.Of(*tensor);
  }
  inputs.segments = torch::Tensor();
}

}  // namespace

void ShareSteps(std::vector<TrainingBatch>& passes, const ModelOptions& model,
                int64_t tokens_per_step, ContextRanks& ranks) {
  const SlicePlan plan = PlanSlices(model);
  const int64_t unit = std::max<int64_t>(1, plan.unit / tokens_per_step);  // [steps]
  for (TrainingBatch& batch : passes) {
    const int64_t N = batch.inputs.episodes.size(1);
    const int64_t least = (ranks.size() - 1) * unit + 1;
    if (N < least) {
      throw std::invalid_argument(
          "training: parallel.context: " + std::to_string(ranks.size()) +
          " ranks share a chain: expected at least " + std::to_string(least) + " steps, got " +
          std::to_string(N) + "; longer chains (chain.episodes), or a smaller parallel.context");
    }
    const auto slice = std::make_shared<StepSlice>(StepSlice{
        CutSequence(N, plan.order, unit, ranks), batch.inputs.segments, batch.inputs.episodes});
    ShareBatch(batch, *slice);
    batch.inputs.slice = slice;
  }
}

}  // namespace longplay
