// SPDX-License-Identifier: MIT
#include "agent/learners/td3_bc.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/mse_loss.h>
#include <c10/core/GradMode.h>

#include <stdexcept>

#include "agent/learners/actor.h"
#include "agent/learners/choose_device.h"
#include "datasets/chains/transition_batches.h"
#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

using Weights = StackedMlp::Weights;

StackedMlp MakeCritics(int64_t inputs, int64_t hidden, const at::Generator& generator,
                       const torch::TensorOptions& options) {
  return {2, {inputs, hidden, hidden, 1}, generator, options};
}

torch::TensorOptions Placed(const TrainOptions& options) {
  return torch::TensorOptions(options.dtype == "float64" ? at::kDouble : at::kFloat)
      .device(ChooseDevice(options.device));
}

/// [M, X] of a batch's [M, 1, X].
torch::Tensor Rows(const torch::Tensor& values) { return values.flatten(0, 1); }

double Count(const StepTotals& totals) { return static_cast<double>(totals.steps_in_loss); }

}  // namespace

void Td3Bc::Check(const RunOptions& options, const DatasetInfo& data) {
  const std::string problem = data.action_kind == ActionKind::kDiscrete ? "discrete actions"
                              : !data.has_rewards                       ? "no rewards"
                                                                        : "";
  if (!problem.empty()) {
    throw std::invalid_argument(
        "fitting to data: train.method: expected continuous actions and rewards for td3_bc, got " +
        problem + " in " + data.path);
  }
  if (options.train.dtype == "bfloat16") {
    throw std::invalid_argument(
        "fitting to data: train.dtype: expected float32 or float64 for td3_bc, got bfloat16");
  }
}

Td3Bc::Td3Bc(const RunOptions& options)
    : Td3Bc(options, at::make_generator<at::CPUGeneratorImpl>(options.train.seed)) {}

Td3Bc::Td3Bc(const RunOptions& options, const at::Generator& generator)
    : options_(options.methods.td3_bc),
      tensor_options_(Placed(options.train)),
      actor_(MakeActor(options.model.observation_size, options.model.action_size, options_.hidden,
                       generator, tensor_options_)),
      target_actor_(MakeActor(options.model.observation_size, options.model.action_size,
                              options_.hidden, generator, tensor_options_)),
      critics_(MakeCritics(options.model.observation_size + options.model.action_size,
                           options_.hidden, generator, tensor_options_)),
      target_critics_(MakeCritics(options.model.observation_size + options.model.action_size,
                                  options_.hidden, generator, tensor_options_)),
      actor_optimizer_(actor_.flat()),
      critic_optimizer_(critics_.flat()) {
  const at::NoGradGuard no_grad;
  // Targets begin as copies.
  target_actor_.flat().copy_(actor_.flat());
  target_critics_.flat().copy_(critics_.flat());
}

std::unique_ptr<BatchSource> Td3Bc::MakeSource(const EpisodeSet& set,
                                               const Normalizer& normalizer) const {
  return std::make_unique<TransitionBatches>(set, normalizer, options_.batch);
}

std::vector<Update> Td3Bc::Updates(int64_t step) {
  std::vector<Update> updates = {{.optimizer = &critic_optimizer_,
                                  .learning_rate = options_.learning_rate,
                                  .clip_norm = 0,
                                  .figures = {"loss"}}};
  // Delayed policy updates: critics first, the policy in some steps only.
  if (step % options_.policy_every == 0) {
    updates.push_back({.optimizer = &actor_optimizer_,
                       .learning_rate = options_.learning_rate,
                       .clip_norm = 0,
                       .figures = columns()});
  }
  return updates;
}

torch::Tensor Td3Bc::Targets(const TrainingBatch& batch, const torch::Tensor& noise) const {
  const at::NoGradGuard no_grad;
  // Target policy smoothing, then the lower of both target critics.
  const torch::Tensor next = Rows(batch.next_observations);
  const torch::Tensor spread =
      (noise * options_.policy_noise).clamp(-options_.noise_clip, options_.noise_clip);
  const torch::Tensor actions =
      (ActorActions(target_actor_, next, Weights::kFrozen) + spread).clamp(-1, 1);
  const torch::Tensor values =
      target_critics_.Forward(at::cat({next, actions}, 1), Weights::kFrozen);  // [2, B, 1]
  const torch::Tensor continues = 1 - Rows(batch.ends);                        // [B]
  return Rows(batch.rewards) + options_.discount * continues * values.amin(0).squeeze(-1);
}

LossShare Td3Bc::CriticLoss(const TrainingBatch& batch, const torch::Tensor& noise,
                            const StepTotals& totals) const {
  const torch::Tensor targets =
      Targets(batch, noise).unsqueeze(-1).expand({2, -1, -1});  // [2, B, 1]
  const torch::Tensor values = critics_.Forward(
      at::cat({Rows(batch.inputs.observations), Rows(batch.target_actions)}, 1), Weights::kTrained);
  // The sum over both critics of the mean over the whole step's transitions.
  const torch::Tensor loss = at::mse_loss(values, targets, at::Reduction::Sum) / Count(totals);
  return {.loss = loss, .figures = {loss.detach()}};
}

/// mean |Q_1(s, pi(s))|.
torch::Tensor Td3Bc::Survey(size_t update, const TrainingBatch& batch, const StepTotals& totals) {
  if (update == kCritics) return {};
  const at::NoGradGuard no_grad;
  const torch::Tensor observations = Rows(batch.inputs.observations);
  const torch::Tensor actions = ActorActions(actor_, observations, Weights::kFrozen);
  const torch::Tensor values =
      critics_.ForwardFirst(at::cat({observations, actions}, 1), Weights::kFrozen);
  return values.abs().sum() / Count(totals);
}

LossShare Td3Bc::PolicyLoss(const TrainingBatch& batch, const StepTotals& totals,
                            const torch::Tensor& survey) const {
  const torch::Tensor observations = Rows(batch.inputs.observations);
  const torch::Tensor actions = ActorActions(actor_, observations, Weights::kTrained);
  const torch::Tensor values =
      critics_.ForwardFirst(at::cat({observations, actions}, 1), Weights::kFrozen);
  // alpha / mean |Q| over the whole step: surveyed where it has several passes.
  const torch::Tensor own_size = values.detach().abs().sum() / Count(totals);
  const torch::Tensor size = survey.defined() ? survey : own_size;
  const torch::Tensor cloning =
      at::mse_loss(actions, Rows(batch.target_actions), at::Reduction::Sum) /
      (Count(totals) * static_cast<double>(actions.size(1)));
  // The paper maximises lambda Q - (pi(s) - a)^2; this is its negative.
  const torch::Tensor loss = cloning - options_.alpha / size * (values.sum() / Count(totals));
  return {.loss = loss, .figures = {loss.detach(), cloning.detach(), own_size}};
}

LossShare Td3Bc::Loss(size_t update, const TrainingBatch& batch, const StepTotals& totals,
                      const torch::Tensor& survey) {
  if (update == kPolicy) return PolicyLoss(batch, totals, survey);
  // By the transition's number in the step, so that passes change nothing.
  const torch::Tensor noise =
      KeyedNormal(batch.inputs.noise, batch.rows, batch.target_actions.size(2)).to(tensor_options_);
  return CriticLoss(batch, noise, totals);
}

void Td3Bc::Finish(size_t update, int64_t /*step*/) {
  // Targets follow after the policy's update alone, critics included.
  if (update == kCritics) return;
  const at::NoGradGuard no_grad;
  target_critics_.flat().lerp_(critics_.flat(), options_.soft_update);
  target_actor_.flat().lerp_(actor_.flat(), options_.soft_update);
}

TensorMap Td3Bc::state() const {
  TensorMap state = {{"actor", actor_.flat().detach()},
                     {"critics", critics_.flat().detach()},
                     {"target_actor", target_actor_.flat().detach()},
                     {"target_critics", target_critics_.flat().detach()}};
  actor_optimizer_.Save("actor", state);
  critic_optimizer_.Save("critics", state);
  return state;
}

void Td3Bc::Load(const TensorMap& state) {
  const auto load = [&](const std::string& name, const StackedMlp& into) {
    torch::Tensor flat = into.flat();
    CopyFrom(state, name, flat);
  };
  load("actor", actor_);
  load("critics", critics_);
  load("target_actor", target_actor_);
  load("target_critics", target_critics_);
  actor_optimizer_.Load("actor", state);
  critic_optimizer_.Load("critics", state);
}

}  // namespace longplay
