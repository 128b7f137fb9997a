// SPDX-License-Identifier: MIT
#include "agent/implicit_q/iql.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/cat.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "agent/implicit_q/implicit_q.h"
#include "agent/learners/actor.h"
#include "agent/learners/choose_device.h"
#include "datasets/chains/transition_batches.h"

namespace longplay {
namespace {

using Weights = StackedMlp::Weights;

/// [M, X] of a batch's [M, 1, X].
torch::Tensor OneStepRows(const torch::Tensor& values) { return values.flatten(0, 1); }

/// [M, O + A] what critics see.
torch::Tensor CriticInputs(const TrainingBatch& batch) {
  return at::cat({OneStepRows(batch.inputs.observations), OneStepRows(batch.target_actions)}, 1);
}

}  // namespace

void Iql::Check(const RunOptions& options, const DatasetInfo& data) {
  const std::string problem = data.action_kind == ActionKind::kDiscrete ? "discrete actions"
                              : !data.has_rewards                       ? "no rewards"
                                                                        : "";
  if (!problem.empty()) {
    throw std::invalid_argument(
        "fitting to data: train.method: expected continuous actions and rewards for iql, got " +
        problem + " in " + data.path);
  }
  if (options.train.dtype == "bfloat16") {
    throw std::invalid_argument(
        "fitting to data: train.dtype: expected float32 or float64 for iql, got bfloat16");
  }
}

Iql::Iql(const RunOptions& options)
    : Iql(options, at::make_generator<at::CPUGeneratorImpl>(options.train.seed)) {}

Iql::Iql(const RunOptions& options, const at::Generator& generator)
    : options_(options.methods.iql),
      steps_(options.train.steps),
      tensor_options_(
          torch::TensorOptions(options.train.dtype == "float64" ? at::kDouble : at::kFloat)
              .device(ChooseDevice(options.train.device))),
      actor_(MakeActor(options.model.observation_size, options.model.action_size, options_.hidden,
                       generator, tensor_options_)),
      values_(1, {options.model.observation_size, options_.hidden, options_.hidden, 1}, generator,
              tensor_options_),
      critics_(2,
               {options.model.observation_size + options.model.action_size, options_.hidden,
                options_.hidden, 1},
               generator, tensor_options_),
      target_critics_(2,
                      {options.model.observation_size + options.model.action_size, options_.hidden,
                       options_.hidden, 1},
                      generator, tensor_options_),
      actor_optimizer_(actor_.flat()),
      value_optimizer_(values_.flat()),
      critic_optimizer_(critics_.flat()) {
  const at::NoGradGuard no_grad;
  target_critics_.flat().copy_(critics_.flat());  // targets begin as copies
}

std::unique_ptr<BatchSource> Iql::MakeSource(const EpisodeSet& set,
                                             const Normalizer& normalizer) const {
  return std::make_unique<TransitionBatches>(set, normalizer, options_.batch);
}

std::vector<Update> Iql::Updates(int64_t step) {
  // Half a cosine, from 1 at the first step; 0 would be behind the last.
  const double done = static_cast<double>(step - 1) / static_cast<double>(steps_);
  const double share = options_.decay ? 0.5 * (1 + std::cos(std::numbers::pi * done)) : 1;
  const auto update = [&](Optimizer& optimizer, double rate, const char* figure) {
    return Update{
        .optimizer = &optimizer, .learning_rate = rate, .clip_norm = 0, .figures = {figure}};
  };
  return {update(value_optimizer_, options_.learning_rate, "loss"),
          update(actor_optimizer_, options_.learning_rate * share, "actor_loss"),
          update(critic_optimizer_, options_.learning_rate, "critic_loss")};
}

/// [M] what the data's actions are worth beyond the state.
torch::Tensor Iql::Advantages(const TrainingBatch& batch, Weights weights) const {
  const torch::Tensor of_actions =
      target_critics_.Forward(CriticInputs(batch), Weights::kFrozen).amin(0).squeeze(-1);
  const torch::Tensor of_states =
      values_.Forward(OneStepRows(batch.inputs.observations), weights)[0].squeeze(-1);
  return of_actions - of_states;
}

/// [M]
torch::Tensor Iql::PolicyErrors(const TrainingBatch& batch) const {
  const torch::Tensor actions =
      ActorActions(actor_, OneStepRows(batch.inputs.observations), Weights::kTrained);
  const torch::Tensor errors = (actions - OneStepRows(batch.target_actions)).square().sum(1);
  return AdvantageWeights(Advantages(batch, Weights::kFrozen), options_.learning) * errors;
}

/// [M]
torch::Tensor Iql::CriticErrors(const TrainingBatch& batch) const {
  const torch::Tensor next_values =
      values_.Forward(OneStepRows(batch.next_observations), Weights::kFrozen)[0].squeeze(-1);
  const torch::Tensor targets = ImplicitQTargets(
      OneStepRows(batch.rewards), OneStepRows(batch.ends), next_values, options_.learning);
  const torch::Tensor critics =
      critics_.Forward(CriticInputs(batch), Weights::kTrained).squeeze(-1);  // [2, M]
  return 0.5 * (targets.unsqueeze(0) - critics).square().sum(0);
}

LossShare Iql::Loss(size_t update, const TrainingBatch& batch, const StepTotals& totals,
                    const torch::Tensor& /*survey*/) {
  torch::Tensor errors;
  switch (update) {
    case kValues:
      errors = ExpectileLoss(Advantages(batch, Weights::kTrained), options_.learning.expectile);
      break;
    case kPolicy:
      errors = PolicyErrors(batch);
      break;
    default:
      errors = CriticErrors(batch);
  }
  const torch::Tensor loss = errors.sum() / static_cast<double>(totals.steps_in_loss);
  return {.loss = loss, .figures = {loss.detach()}};
}

void Iql::Finish(size_t update, int64_t /*step*/) {
  if (update != kCritics) return;
  const at::NoGradGuard no_grad;
  target_critics_.flat().lerp_(critics_.flat(), options_.learning.soft_update);
}

int64_t Iql::parameters() const {
  return actor_.flat().numel() + values_.flat().numel() + critics_.flat().numel();
}

TensorMap Iql::state() const {
  TensorMap state = {{"actor", actor_.flat().detach()},
                     {"values", values_.flat().detach()},
                     {"critics", critics_.flat().detach()},
                     {"target_critics", target_critics_.flat().detach()}};
  actor_optimizer_.Save("actor", state);
  value_optimizer_.Save("values", state);
  critic_optimizer_.Save("critics", state);
  return state;
}

void Iql::Load(const TensorMap& state) {
  const auto load = [&](const std::string& name, const StackedMlp& into) {
    torch::Tensor flat = into.flat();
    CopyFrom(state, name, flat);
  };
  load("actor", actor_);
  load("values", values_);
  load("critics", critics_);
  load("target_critics", target_critics_);
  actor_optimizer_.Load("actor", state);
  value_optimizer_.Load("values", state);
  critic_optimizer_.Load("critics", state);
}

}  // namespace longplay
