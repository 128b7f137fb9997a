// SPDX-License-Identifier: MIT
#include "agent/learners/td3_bc.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/mse_loss.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace longplay {
namespace {

using Weights = StackedMlp::Weights;

StackedMlp MakeCritics(int64_t inputs, int64_t hidden, const at::Generator& generator,
                       const torch::TensorOptions& options) {
  return {2, {inputs, hidden, hidden, 1}, generator, options};
}

void Copy(const StackedMlp& from, const StackedMlp& to) { to.flat().copy_(from.flat()); }

}  // namespace

StackedMlp MakeActor(int64_t observation_size, int64_t action_size, int64_t hidden,
                     const at::Generator& generator, const torch::TensorOptions& options) {
  return {1, {observation_size, hidden, hidden, action_size}, generator, options};
}

torch::Tensor ActorActions(const StackedMlp& actor, const torch::Tensor& observations,
                           Weights weights) {
  return actor.Forward(observations, weights)[0].tanh();
}

Td3Bc::Td3Bc(int64_t observation_size, int64_t action_size, const Td3BcOptions& options,
             const at::Generator& generator, const torch::TensorOptions& tensor_options)
    : options_(options),
      actor_(MakeActor(observation_size, action_size, options.hidden, generator, tensor_options)),
      target_actor_(
          MakeActor(observation_size, action_size, options.hidden, generator, tensor_options)),
      critics_(
          MakeCritics(observation_size + action_size, options.hidden, generator, tensor_options)),
      target_critics_(
          MakeCritics(observation_size + action_size, options.hidden, generator, tensor_options)),
      actor_optimizer_(actor_.flat(), options.learning_rate),
      critic_optimizer_(critics_.flat(), options.learning_rate) {
  const at::NoGradGuard no_grad;
  Copy(actor_, target_actor_);
  Copy(critics_, target_critics_);
}

torch::Tensor Td3Bc::Targets(const TransitionBatch& batch, const torch::Tensor& noise) const {
  const at::NoGradGuard no_grad;
  const torch::Tensor spread =
      (noise * options_.policy_noise).clamp(-options_.noise_clip, options_.noise_clip);
  const torch::Tensor actions =
      (ActorActions(target_actor_, batch.next_observations, Weights::kFrozen) + spread)
          .clamp(-1, 1);
  const torch::Tensor values = target_critics_.Forward(
      at::cat({batch.next_observations, actions}, 1), Weights::kFrozen);  // [2, B, 1]
  return batch.rewards + options_.discount * batch.continues * values.amin(0).squeeze(-1);
}

std::optional<CriticUpdate> Td3Bc::UpdateCritics(const TransitionBatch& batch,
                                                 const torch::Tensor& noise) {
  const torch::Tensor targets =
      Targets(batch, noise).unsqueeze(-1).expand({2, -1, -1});  // [2, B, 1]
  const torch::Tensor values =
      critics_.Forward(at::cat({batch.observations, batch.actions}, 1), Weights::kTrained);
  const torch::Tensor loss = 2 * at::mse_loss(values, targets);
  critic_optimizer_.ZeroGrad();
  loss.backward();
  const CriticUpdate update{.loss = loss.item<double>(),
                            .gradient_norm = critics_.flat().grad().norm().item<double>()};
  if (!std::isfinite(update.loss) || !std::isfinite(update.gradient_norm)) return std::nullopt;
  critic_optimizer_.Step();
  return update;
}

std::optional<ActorUpdate> Td3Bc::UpdateActor(const TransitionBatch& batch) {
  const torch::Tensor actions = ActorActions(actor_, batch.observations, Weights::kTrained);
  const torch::Tensor values =
      critics_.ForwardFirst(at::cat({batch.observations, actions}, 1), Weights::kFrozen);
  const torch::Tensor size = values.detach().abs().mean();
  const torch::Tensor cloning = at::mse_loss(actions, batch.actions);
  const torch::Tensor loss = cloning - options_.alpha / size * values.mean();
  actor_optimizer_.ZeroGrad();
  loss.backward();
  const ActorUpdate update{
      .loss = loss.item<double>(), .cloning = cloning.item<double>(), .value = size.item<double>()};
  if (!std::isfinite(update.loss) || !actor_.flat().grad().sum().isfinite().item<bool>()) {
    return std::nullopt;
  }
  actor_optimizer_.Step();
  const at::NoGradGuard no_grad;
  target_critics_.flat().lerp_(critics_.flat(), options_.soft_update);
  target_actor_.flat().lerp_(actor_.flat(), options_.soft_update);
  return update;
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
