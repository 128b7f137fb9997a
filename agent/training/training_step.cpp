// SPDX-License-Identifier: MIT
#include "agent/training/training_step.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

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

/// Sums gradients and figures of passes in the passes' order, whoever is done first.
class PassSums {
 public:
  PassSums(std::vector<torch::Tensor> parameters, size_t passes)
      : parameters_(std::move(parameters)), waiting_(passes), sums_(parameters_.size()) {}

  const std::vector<torch::Tensor>& parameters() const { return parameters_; }

  /// From any thread. `gradients`: [parameters], undefined where the pass did not use one.
  void Add(int64_t pass, std::vector<torch::Tensor> gradients,
           const std::vector<torch::Tensor>& figures) {
    Waiting own{.gradients = std::move(gradients)};
    for (const torch::Tensor& figure : figures) own.figures.push_back(figure.item<double>());
    const std::lock_guard lock(mutex_);
    waiting_[pass] = std::move(own);
    // Whatever is next in order, of this pass and of later ones that were done before it.
    const torch::NoGradGuard no_grad;
    for (; next_ < waiting_.size() && waiting_[next_]; ++next_) {
      AddNext(*waiting_[next_]);
      waiting_[next_].reset();
    }
  }

  /// When all were added: leaves the sums in the parameters and returns those of the figures.
  std::vector<double> Finish() {
    for (size_t i = 0; i < sums_.size(); ++i) parameters_[i].mutable_grad() = sums_[i];
    return figures_;
  }

 private:
  struct Waiting {
    std::vector<torch::Tensor> gradients;
    std::vector<double> figures = {};
  };

  void AddNext(const Waiting& pass) {
    for (size_t i = 0; i < sums_.size(); ++i) {
      if (!pass.gradients[i].defined()) continue;
      if (sums_[i].defined()) {
        sums_[i].add_(pass.gradients[i]);
      } else {
        // Not the tensor itself, which autograd may hold for another parameter too.
        sums_[i] = pass.gradients[i].clone(at::MemoryFormat::Contiguous);
      }
    }
    figures_.resize(pass.figures.size());
    for (size_t i = 0; i < figures_.size(); ++i) figures_[i] += pass.figures[i];
  }

  std::vector<torch::Tensor> parameters_;
  std::mutex mutex_;
  std::vector<std::optional<Waiting>> waiting_;  // [passes]
  size_t next_ = 0;                              // pass to add
  std::vector<torch::Tensor> sums_;              // [parameters]
  std::vector<double> figures_;
};

std::optional<UpdateResult> TakeUpdate(Learner& learner, int64_t step, size_t index,
                                       const Update& update, std::span<const TrainingBatch> passes,
                                       PassThreads* pass_threads) {
  const std::vector<double> figures =
      AccumulateGradients(learner, index, *update.optimizer, passes, pass_threads);
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
                                        std::span<const TrainingBatch> passes,
                                        PassThreads* pass_threads) {
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
  if (pass_threads != nullptr && passes.size() > 1) {
    PassSums sums(optimizer.parameters(), passes.size());
    pass_threads->Run(static_cast<int64_t>(passes.size()), [&](int64_t i) {
      const LossShare share = learner.Loss(update, passes[i], totals, survey);
      sums.Add(i,
               torch::autograd::grad({share.loss}, sums.parameters(), {}, std::nullopt,
                                     /*create_graph=*/false, /*allow_unused=*/true),
               share.figures);
    });
    return sums.Finish();
  }
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
                                                  std::span<const TrainingBatch> passes,
                                                  PassThreads* pass_threads) {
  const std::vector<Update> updates = learner.Updates(step);
  std::vector<std::optional<UpdateResult>> results;
  for (size_t k = 0; k < updates.size(); ++k) {
    results.push_back(TakeUpdate(learner, step, k, updates[k], passes, pass_threads));
    // Later updates build on this one.
    if (!results.back()) break;
  }
  return results;
}

}  // namespace longplay
