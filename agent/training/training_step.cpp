// SPDX-License-Identifier: MIT
#include "agent/training/training_step.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

namespace longplay {
namespace {

StepTotals TotalsOf(std::span<const TrainingBatch> passes) {
  StepTotals totals;
  for (const TrainingBatch& pass : passes) {
    totals.steps_in_loss += pass.steps_in_loss;
    totals.rows += pass.rows;
  }
  totals.steps_in_loss = std::max<int64_t>(totals.steps_in_loss, 1);
  return totals;
}

std::optional<UpdateResult> TakeUpdate(Learner& learner, int64_t step, size_t index,
                                       const Update& update,
                                       std::span<const TrainingBatch> passes) {
  const std::vector<double> figures =
      AccumulateGradients(learner, index, *update.optimizer, passes);
  UpdateResult result{.figures = {},
                      .gradient_norm = update.optimizer->ClipGradients(update.clip_norm)};
  // Neither weights nor the optimiser's moments follow a gradient that is not finite.
  if (!std::isfinite(figures.front()) || !std::isfinite(result.gradient_norm)) {
    update.optimizer->ZeroGrad();
    return std::nullopt;
  }
  for (size_t i = 0; i < figures.size(); ++i) result.figures[update.figures[i]] = figures[i];
  update.optimizer->Step(update.learning_rate);
  learner.Finish(index, step);
  return result;
}

}  // namespace

std::vector<double> AccumulateGradients(Learner& learner, size_t update, Optimizer& optimizer,
                                        std::span<const TrainingBatch> passes) {
  const StepTotals totals = TotalsOf(passes);
  // First all batches are looked at, where the loss of one must know of the others.
  torch::Tensor survey;
  if (passes.size() > 1) {
    for (const TrainingBatch& pass : passes) {
      const torch::Tensor share = learner.Survey(update, pass, totals);
      if (share.defined()) survey = survey.defined() ? survey + share : share;
    }
  }
  // Then each adds its gradient; backward frees its graph before the next one grows.
  optimizer.ZeroGrad();
  std::vector<double> sums;
  for (const TrainingBatch& pass : passes) {
    const LossShare share = learner.Loss(update, pass, totals, survey);
    share.loss.backward();
    sums.resize(share.figures.size());
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += share.figures[i].item<double>();
  }
  return sums;
}

std::vector<std::optional<UpdateResult>> TakeStep(Learner& learner, int64_t step,
                                                  std::span<const TrainingBatch> passes) {
  const std::vector<Update> updates = learner.Updates(step);
  std::vector<std::optional<UpdateResult>> results;
  for (size_t k = 0; k < updates.size(); ++k) {
    results.push_back(TakeUpdate(learner, step, k, updates[k], passes));
    // Later updates build on this one.
    if (!results.back()) break;
  }
  return results;
}

}  // namespace longplay
