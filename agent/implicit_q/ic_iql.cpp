// SPDX-License-Identifier: MIT
#include "agent/implicit_q/ic_iql.h"

#include <ATen/ops/_foreach_lerp.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <stdexcept>
#include <string>

#include "agent/batches/training_tokens.h"
#include "agent/implicit_q/implicit_q.h"
#include "datasets/chains/chain_batches.h"
#include "model/policy/action_head.h"

namespace longplay {
namespace {

const std::string kTarget = "target.";  // in front of names in the state

/// [B, N - 1] bool: the step behind is the next one of the same episode of the same chain.
torch::Tensor GoesOn(const TrainingBatch& batch) {
  const auto same = [](const torch::Tensor& numbers) {  // [B, N]
    const int64_t behind = numbers.size(1) - 1;
    return numbers.narrow(1, 1, behind) == numbers.narrow(1, 0, behind);
  };
  const StepTensors& steps = batch.inputs;
  // Padding has the number of episode 0, but its steps count from 0 again.
  const int64_t behind = steps.episode_steps.size(1) - 1;
  const auto next = steps.episode_steps.narrow(1, 0, behind) + 1;
  const auto on = same(steps.episodes) & (steps.episode_steps.narrow(1, 1, behind) == next);
  return steps.segments.defined() ? on & same(steps.segments) : on;
}

/// values where `mask` says so, else 0, summed.
torch::Tensor SumWhere(const torch::Tensor& mask, const torch::Tensor& values) {
  return torch::where(mask, values, torch::zeros_like(values)).sum();
}

}  // namespace

void IcIql::Check(const RunOptions& /*options*/, const DatasetInfo& data) {
  if (data.has_rewards) return;
  throw std::invalid_argument(
      "fitting to data: train.method: expected rewards for ic_iql, got none in " + data.path);
}

IcIql::IcIql(const RunOptions& options)
    : SequenceLearner(options), target_(MakeTrainedNetwork(options)) {
  target_->eval();
  CopyWeights(NamedWeights(network_), NamedWeights(target_), "the learner's");
}

std::unique_ptr<BatchSource> IcIql::MakeSource(const EpisodeSet& set,
                                               const Normalizer& normalizer) const {
  return std::make_unique<ChainBatches>(set, normalizer, options_.chain,
                                        ChainsPerStep(options_, set),
                                        BatchParts{.taken_actions = true, .outcomes = true});
}

std::vector<Update> IcIql::Updates(int64_t step) {
  std::vector<Update> updates = SequenceLearner::Updates(step);
  for (const std::string& column : columns()) updates.front().figures.push_back(column);
  return updates;
}

LossShare IcIql::Loss(size_t /*update*/, const TrainingBatch& batch, const StepTotals& totals,
                      const torch::Tensor& /*survey*/) {
  const IcIqlOptions& own = options_.methods.ic_iql;
  const torch::Tensor& counted = batch.in_loss;
  ValueHeads heads = network_->values();

  // Values of what was seen and of what was done; the target's have no gradient.
  const Prediction prediction = network_->Predict(batch.inputs);
  const torch::Tensor& actions = batch.taken_actions;                               // [B, N, A]
  const torch::Tensor values = heads->StateValues(prediction.features);             // [B, N]
  const torch::Tensor critics = heads->ActionValues(prediction.features, actions);  // [2, B, N]
  torch::Tensor advantages;                                                         // [B, N]
  {
    const torch::NoGradGuard no_grad;
    PolicyNetwork target = target_;
    ValueHeads target_heads = target->values();
    advantages =
        target_heads->ActionValues(target->Predict(batch.inputs).features, actions).amin(0);
  }
  advantages = advantages - values;

  // The next step's value stands one row on; an episode's last step has nothing beyond.
  torch::Tensor next_values = torch::zeros_like(values);
  torch::Tensor goes_on = torch::zeros_like(counted);
  const int64_t behind = values.size(1) - 1;
  next_values.narrow(1, 0, behind).copy_(values.detach().narrow(1, 1, behind));
  goes_on.narrow(1, 0, behind).copy_(GoesOn(batch));
  const torch::Tensor ends = batch.ends + batch.cuts;
  const torch::Tensor known = counted & (goes_on | (ends > 0));
  const torch::Tensor targets = ImplicitQTargets(batch.rewards, ends, next_values, own.learning);

  // Shares of the step's means.
  const auto count = static_cast<double>(totals.steps_in_loss);
  const torch::Tensor policy = ActionLoss(options_.model.head, prediction.output, actions, counted,
                                          AdvantageWeights(advantages, own.learning))
                                   .sum /
                               count;
  const torch::Tensor value =
      SumWhere(counted, ExpectileLoss(advantages, own.learning.expectile)) / count;
  const torch::Tensor critic =
      SumWhere(known, 0.5 * (targets.unsqueeze(0) - critics).square().sum(0)) / count;
  const torch::Tensor loss = policy + own.value_weight * (critic + value);
  LossShare share{.loss = loss,
                  .figures = {loss.detach(), policy.detach(), critic.detach(), value.detach()}};
  if (prediction.penalty.defined()) {
    share.loss = loss + prediction.penalty *
                            (static_cast<double>(batch.rows) / static_cast<double>(totals.rows));
  }
  return share;
}

void IcIql::Finish(size_t update, int64_t step) {
  SequenceLearner::Finish(update, step);
  const torch::NoGradGuard no_grad;
  at::_foreach_lerp_(target_->parameters(), network_->parameters(),
                     options_.methods.ic_iql.learning.soft_update);
}

void IcIql::StartAgain() {
  SequenceLearner::StartAgain();
  CopyWeights(NamedWeights(network_), NamedWeights(target_), "the learner's");
}

TensorMap IcIql::state() const {
  TensorMap state = SequenceLearner::state();
  for (const auto& [name, tensor] : NamedWeights(target_)) {
    state[kTarget + name] = tensor.detach();
  }
  return state;
}

void IcIql::Load(const TensorMap& state) {
  SequenceLearner::Load(state);
  TensorMap target;
  for (const auto& [name, tensor] : state) {
    if (name.starts_with(kTarget)) target[name.substr(kTarget.size())] = tensor;
  }
  CopyWeights(target, NamedWeights(target_), "training.safetensors");
}

}  // namespace longplay
