// SPDX-License-Identifier: MIT
#include "agent/learners/soft_actor_critic.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mse_loss.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace longplay {
namespace {

constexpr double kLeastLogStd = -5, kMostLogStd = 2;
using Weights = StackedMlp::Weights;

std::vector<int64_t> CriticSizes(int64_t inputs, const SoftActorCriticOptions& options) {
  std::vector<int64_t> sizes = {inputs};
  sizes.insert(sizes.end(), options.critic_layers, options.hidden);
  sizes.push_back(1);
  return sizes;
}

torch::Tensor LogTemperature(double temperature) {
  torch::Tensor log = at::full({}, std::log(temperature), at::kFloat).set_requires_grad(true);
  // Its gradient is a formula, written by UpdateActorAndTemperature.
  log.mutable_grad() = at::zeros_like(log);
  return log;
}

}  // namespace

SampledActions SampleTanhGaussian(const torch::Tensor& output, const at::Generator& generator) {
  auto shape = output.sizes().vec();
  shape.back() /= 2;
  return TanhGaussianAt(output, at::randn(shape, generator, output.options()));
}

SampledActions TanhGaussianAt(const torch::Tensor& output, const torch::Tensor& noise) {
  // Mean and log of the deviation, which a tanh keeps in its range.
  const auto halves = output.chunk(2, -1);
  const torch::Tensor log_std =
      kLeastLogStd + 0.5 * (kMostLogStd - kLeastLogStd) * (halves[1].tanh() + 1);
  const torch::Tensor before_tanh = halves[0] + log_std.exp() * noise;
  // log(1 - tanh(u)^2) = 2 (log 2 - u - softplus(-2 u)), which does not round to log 0
  const torch::Tensor squeeze =
      2 * (std::numbers::ln2 - before_tanh - at::softplus(-2 * before_tanh));
  const double log_normalizer = 0.5 * std::log(2 * std::numbers::pi);
  return {.actions = before_tanh.tanh(),
          .log_probability = (-0.5 * noise * noise - log_std - log_normalizer - squeeze).sum(-1)};
}

SoftActorCritic::SoftActorCritic(int64_t observation_size, int64_t action_size,
                                 const SoftActorCriticOptions& options, uint64_t seed)
    : options_(options),
      action_size_(action_size),
      generator_(at::make_generator<at::CPUGeneratorImpl>(seed)),
      actor_(1, {observation_size, options.hidden, options.hidden, 2 * action_size}, generator_),
      critics_(2, CriticSizes(observation_size + action_size, options), generator_),
      target_(2, CriticSizes(observation_size + action_size, options), generator_),
      log_temperature_(LogTemperature(options.first_temperature)),
      actor_optimizer_(actor_.flat()),
      critic_optimizer_(critics_.flat()),
      temperature_optimizer_(log_temperature_) {
  at::NoGradGuard no_grad;
  target_.flat().copy_(critics_.flat());
}

torch::Tensor SoftActorCritic::Act(const torch::Tensor& observations) {
  at::NoGradGuard no_grad;
  return SampleTanhGaussian(actor_.Forward(observations, Weights::kFrozen)[0], generator_).actions;
}

torch::Tensor SoftActorCritic::Act(const torch::Tensor& observations,
                                   const torch::Tensor& noise) const {
  at::NoGradGuard no_grad;
  return TanhGaussianAt(actor_.Forward(observations, Weights::kFrozen)[0], noise).actions;
}

double SoftActorCritic::temperature() const { return std::exp(log_temperature_.item<double>()); }

torch::Tensor SoftActorCritic::LowerValue(const StackedMlp& critics,
                                          const torch::Tensor& observations,
                                          const torch::Tensor& actions) const {
  const torch::Tensor values =
      critics.Forward(at::cat({observations, actions}, 1), Weights::kFrozen);  // [2, B, 1]
  return values.amin(0).squeeze(-1);
}

torch::Tensor SoftActorCritic::Targets(const TransitionBatch& batch) {
  at::NoGradGuard no_grad;
  const SampledActions next =
      SampleTanhGaussian(actor_.Forward(batch.next_observations, Weights::kFrozen)[0], generator_);
  // Soft value: the lower of both critics and the entropy's share.
  const torch::Tensor value = LowerValue(target_, batch.next_observations, next.actions) -
                              log_temperature_.exp() * next.log_probability;
  return batch.rewards + options_.discount * batch.continues * value;
}

void SoftActorCritic::Update(const TransitionBatch& batch) {
  UpdateCritics(batch);
  UpdateActorAndTemperature(batch.observations);
  at::NoGradGuard no_grad;
  target_.flat().lerp_(critics_.flat(), options_.target_rate);
}

void SoftActorCritic::UpdateCritics(const TransitionBatch& batch) {
  // Both critics learn the same targets.
  const torch::Tensor targets = Targets(batch).unsqueeze(-1).expand({2, -1, -1});  // [2, B, 1]
  const torch::Tensor values =
      critics_.Forward(at::cat({batch.observations, batch.actions}, 1), Weights::kTrained);
  critic_optimizer_.ZeroGrad();
  (2 * at::mse_loss(values, targets)).backward();  // the sum of both critics' errors
  critic_optimizer_.Step(options_.learning_rate);
}

void SoftActorCritic::UpdateActorAndTemperature(const torch::Tensor& observations) {
  // Actor: its gradient goes through the actions into critics that do not learn here.
  const SampledActions sampled =
      SampleTanhGaussian(actor_.Forward(observations, Weights::kTrained)[0], generator_);
  const torch::Tensor value = LowerValue(critics_, observations, sampled.actions);
  actor_optimizer_.ZeroGrad();
  (log_temperature_.detach().exp() * sampled.log_probability - value).mean().backward();
  actor_optimizer_.Step(options_.learning_rate);

  if (!options_.learns_temperature) return;
  // d/d log_temperature of -log_temperature * (log_probability + target entropy)
  const auto target_entropy = -static_cast<double>(action_size_);
  log_temperature_.mutable_grad() = -(sampled.log_probability.detach().mean() + target_entropy);
  temperature_optimizer_.Step(options_.learning_rate);
}

std::map<std::string, SoftActorCritic::LearnedPart> SoftActorCritic::Learned() {
  return {{"actor", {actor_.flat(), &actor_optimizer_}},
          {"critics", {critics_.flat(), &critic_optimizer_}},
          {"temperature", {log_temperature_, &temperature_optimizer_}}};
}

TensorMap SoftActorCritic::state() {
  TensorMap state = {{"target", target_.flat()}, {"generator", generator_.get_state()}};
  for (const auto& [name, learned] : Learned()) {
    state[name] = learned.numbers;
    learned.optimizer->Save(name, state);
  }
  return state;
}

void SoftActorCritic::Load(const TensorMap& state) {
  torch::Tensor target = target_.flat(), generator = generator_.get_state();
  CopyFrom(state, "target", target);
  CopyFrom(state, "generator", generator);
  generator_.set_state(generator);
  for (auto& [name, learned] : Learned()) {
    CopyFrom(state, name, learned.numbers);
    learned.optimizer->Load(name, state);
  }
}

}  // namespace longplay
