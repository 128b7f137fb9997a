// SPDX-License-Identifier: MIT
#include "agent/policy.h"

#include <ATen/CPUGeneratorImpl.h>
#include <torch/types.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "agent/actor_policy.h"
#include "agent/checkpoint.h"
#include "agent/step_tensors.h"
#include "model/action_head.h"

namespace longplay {

struct ContextPolicy::Impl {
  Impl(const LoadedPolicy& loaded, const PolicyOptions& options)
      : policy(loaded),
        options(options),
        rows(StepRows::Zeros(options.chains, loaded.record.normalizer.observation_size(),
                             loaded.record.normalizer.action_size())),
        encoders(options.chains,
                 StepEncoder(policy.record.normalizer, policy.record.options.chain.boundary)),
        last_actions(options.chains * policy.record.normalizer.action_size(), 0.0F),
        started(options.chains, 0),
        generator(at::detail::createCPUGenerator(options.seed)),
        context(policy.network->StartContext(options.chains, 0)),
        tensor_options(policy.network->parameters().front().options().requires_grad(false)) {}

  void Encode(const RolloutView& view);
  void Decide(std::span<double> actions);

  LoadedPolicy policy;
  PolicyOptions options;
  StepRows rows;                      // one row per chain
  std::vector<StepEncoder> encoders;  // [B]
  std::vector<float> last_actions;    // [B, A] in the policy's units
  std::vector<float> observation;     // [O] of the chain being encoded
  std::vector<uint8_t> started;       // [B] 1 = this chain has decided before
  at::Generator generator;
  ContextState context;
  torch::TensorOptions tensor_options;
};

void ContextPolicy::Impl::Encode(const RolloutView& view) {
  const int64_t observation_size = policy.record.normalizer.observation_size();
  const int64_t action_size = policy.record.normalizer.action_size();
  for (int64_t i = 0; i < options.chains; ++i) {
    if (!view.active[i]) continue;
    const std::span<const float> last(last_actions.data() + i * action_size, action_size);
    if (started[i]) encoders[i].Record(last, view.rewards[i], view.starts[i] != 0);
    if (view.starts[i]) encoders[i].StartEpisode(options.target);
    started[i] = 1;
    const auto seen = view.observations.subspan(i * observation_size, observation_size);
    observation.assign(seen.begin(), seen.end());
    encoders[i].Write(observation, rows, i);
  }
}

void ContextPolicy::Impl::Decide(std::span<double> actions) {
  const Normalizer& normalizer = policy.record.normalizer;
  const torch::Tensor output =
      policy.network->Step(ToStepTensors(rows, options.chains, tensor_options), context);
  const torch::Tensor chosen =
      ChooseAction(policy.record.options.model.head, output.to(torch::kCPU),
                   options.sample ? ActionChoice::kSample : ActionChoice::kMean, generator)
          .clamp(-1, 1)
          .to(torch::kFloat32)
          .contiguous();  // [B, A]
  std::copy_n(chosen.const_data_ptr<float>(), last_actions.size(), last_actions.begin());
  const int64_t action_size = normalizer.action_size();
  for (size_t k = 0; k < last_actions.size(); ++k) {
    const auto a = k % action_size;
    actions[k] = normalizer.action_center[a] + normalizer.action_scale[a] * last_actions[k];
  }
}

ContextPolicy::ContextPolicy(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ContextPolicy::ContextPolicy(std::unique_ptr<ActorPolicy> actor) : actor_(std::move(actor)) {}
ContextPolicy::ContextPolicy(ContextPolicy&&) noexcept = default;
ContextPolicy::~ContextPolicy() = default;

ContextPolicy ContextPolicy::Load(const std::string& path, const PolicyOptions& options) {
  return MakeContextPolicy(LoadPolicy(path, torch::kCPU), options);
}

ContextPolicy MakeContextPolicy(const LoadedPolicy& loaded, const PolicyOptions& options) {
  if (loaded.actor) {
    return ContextPolicy(std::make_unique<ActorPolicy>(loaded, options.chains));
  }
  if (loaded.record.options.model.head == ActionHead::kCategorical) {
    throw std::invalid_argument("acting: " + loaded.folder +
                                ": expected continuous actions, got a categorical head");
  }
  return ContextPolicy(std::make_unique<ContextPolicy::Impl>(loaded, options));
}

void ContextPolicy::operator()(const RolloutView& view, std::span<double> actions) {
  if (actor_) return (*actor_)(view, actions);
  const torch::NoGradGuard no_grad;
  impl_->Encode(view);
  impl_->Decide(actions);
}

const PolicyRecord& ContextPolicy::record() const {
  return actor_ ? actor_->record() : impl_->policy.record;
}
int64_t ContextPolicy::observation_size() const { return record().normalizer.observation_size(); }
int64_t ContextPolicy::action_size() const { return record().normalizer.action_size(); }
double ContextPolicy::best_return() const { return record().best_return; }

}  // namespace longplay
