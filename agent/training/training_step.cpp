// SPDX-License-Identifier: MIT
#include "agent/training/training_step.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include "agent/ranks/rank_sums.h"

namespace longplay {
namespace {

OwnPasses OwnOf(const StepTotals& totals) {
  return {.first = totals.first_pass, .all = totals.passes};
}

/// What learner and update must know of all passes before their losses; undefined = nothing.
torch::Tensor SurveyStep(Learner& learner, size_t update, const StepShare& share,
                         ProcessGroup* group) {
  if (share.totals.passes < 2) return {};
  std::vector<torch::Tensor> shares;
  shares.reserve(share.passes.size());
  for (const TrainingBatch& pass : share.passes) {
    shares.push_back(learner.Survey(update, pass, share.totals));
  }
  if (!shares.front().defined()) return {};
  // Summed in the order of passes, in the learner's own type.
  std::vector<std::vector<double>> own;
  own.reserve(shares.size());
  for (const torch::Tensor& each : shares) own.push_back({each.item<double>()});
  torch::Tensor survey;
  for (const auto& number : OfAllPasses(group, OwnOf(share.totals), own)) {
    const torch::Tensor each = torch::full({}, number.front(), shares.front().options());
    survey = survey.defined() ? survey + each : each;
  }
  return survey;
}

std::vector<double> FiguresOf(const LossShare& share) {
  std::vector<double> figures;
  for (const torch::Tensor& figure : share.figures) figures.push_back(figure.item<double>());
  return figures;
}

/// In the order of passes.
std::vector<double> SumOfFigures(const std::vector<std::vector<double>>& passes) {
  std::vector<double> sums(passes.front().size());
  for (const auto& pass : passes) {
    for (size_t i = 0; i < sums.size(); ++i) sums[i] += pass[i];
  }
  return sums;
}

/// Sums gradients of passes in the passes' order, whoever is done first.
class PassSums {
 public:
  /// With ranks before this one there is nothing to add to yet: all are kept.
  PassSums(std::vector<torch::Tensor> parameters, size_t passes, ProcessGroup* group)
      : parameters_(std::move(parameters)),
        group_(group),
        keeps_(group != nullptr && group->rank() > 0),
        waiting_(passes),
        sums_(parameters_.size()) {}

  const std::vector<torch::Tensor>& parameters() const { return parameters_; }

  /// From any thread. `gradients`: [parameters], undefined where the pass did not use one.
  void Add(int64_t pass, std::vector<torch::Tensor> gradients) {
    const std::lock_guard lock(mutex_);
    waiting_[pass] = std::move(gradients);
    if (keeps_) return;
    // Whatever is next in order, of this pass and of later ones that were done before it.
    const torch::NoGradGuard no_grad;
    for (; next_ < waiting_.size() && !waiting_[next_].empty(); ++next_) {
      AddNext(waiting_[next_]);
      waiting_[next_].clear();
    }
  }

  /// When all were added: leaves the sums over all passes of all ranks in the parameters.
  void Finish() {
    if (group_ != nullptr) {
      if (!keeps_) waiting_ = {sums_};
      SumGradientsInOrder(*group_, parameters_, waiting_);
      return;
    }
    for (size_t i = 0; i < sums_.size(); ++i) parameters_[i].mutable_grad() = sums_[i];
  }

 private:
  void AddNext(const std::vector<torch::Tensor>& gradients) {
    for (size_t i = 0; i < sums_.size(); ++i) {
      if (!gradients[i].defined()) continue;
      if (sums_[i].defined()) {
        sums_[i].add_(gradients[i]);
      } else {
        // Not the tensor itself, which autograd may hold for another parameter too.
        sums_[i] = gradients[i].clone(at::MemoryFormat::Contiguous);
      }
    }
  }

  std::vector<torch::Tensor> parameters_;
  ProcessGroup* group_;
  bool keeps_;
  std::mutex mutex_;
  std::vector<std::vector<torch::Tensor>> waiting_;  // [passes][parameters], or empty
  size_t next_ = 0;                                  // pass to add
  std::vector<torch::Tensor> sums_;                  // [parameters]
};

std::optional<UpdateResult> TakeUpdate(Learner& learner, int64_t step, size_t index,
                                       const Update& update, const StepShare& share,
                                       const StepWork& work) {
  const std::vector<double> figures =
      AccumulateGradients(learner, index, *update.optimizer, share, work);
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

StepShare WholeStep(std::span<const TrainingBatch> passes) {
  StepTotals totals{.passes = static_cast<int64_t>(passes.size())};
  for (const TrainingBatch& pass : passes) {
    totals.steps_in_loss += pass.steps_in_loss;
    totals.rows += pass.rows;
  }
  totals.steps_in_loss = std::max<int64_t>(totals.steps_in_loss, 1);
  return {.passes = passes, .totals = totals};
}

std::vector<double> AccumulateGradients(Learner& learner, size_t update, Optimizer& optimizer,
                                        const StepShare& share, const StepWork& work) {
  // Names, not a structured binding: the lambda below takes one of them.
  const std::span<const TrainingBatch> passes = share.passes;
  const StepTotals& totals = share.totals;
  // First all batches are looked at, where the loss of one must know of the others.
  const torch::Tensor survey = SurveyStep(learner, update, share, work.group);
  // Then each adds its gradient; backward frees its graph before the next one grows.
  optimizer.ZeroGrad();
  std::vector<std::vector<double>> figures(passes.size());
  if (work.threads != nullptr && totals.passes > 1) {
    PassSums sums(optimizer.parameters(), passes.size(), work.group);
    work.threads->Run(static_cast<int64_t>(passes.size()), [&](int64_t i) {
      const LossShare loss = learner.Loss(update, passes[i], totals, survey);
      sums.Add(i, torch::autograd::grad({loss.loss}, sums.parameters(), {}, std::nullopt,
                                        /*create_graph=*/false, /*allow_unused=*/true));
      figures[i] = FiguresOf(loss);
    });
    sums.Finish();
  } else {
    for (size_t i = 0; i < passes.size(); ++i) {
      const LossShare loss = learner.Loss(update, passes[i], totals, survey);
      loss.loss.backward();
      if (work.context != nullptr) work.context->FinishSends();
      figures[i] = FiguresOf(loss);
    }
    if (work.group != nullptr) AllReduceGradients(*work.group, optimizer.parameters());
  }
  return SumOfFigures(OfAllPasses(work.group, OwnOf(totals), std::move(figures)));
}

std::vector<std::optional<UpdateResult>> TakeStep(Learner& learner, int64_t step,
                                                  const StepShare& share, const StepWork& work) {
  const std::vector<Update> updates = learner.Updates(step);
  std::vector<std::optional<UpdateResult>> results;
  for (size_t k = 0; k < updates.size(); ++k) {
    results.push_back(TakeUpdate(learner, step, k, updates[k], share, work));
    // Later updates build on this one.
    if (!results.back()) break;
  }
  return results;
}

}  // namespace longplay
