// SPDX-License-Identifier: MIT
#include "agent/benchmarks/rollout_benchmark.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "agent/acting/make_environment.h"
#include "agent/acting/make_policy.h"
#include "agent/acting/step_sizes.h"
#include "agent/runs/checkpoint.h"

namespace longplay {
namespace {

/// N random time steps of B chains that follow `first` others.
StepTensors RandomSteps(const ModelOptions& options, int64_t B, int64_t N, int64_t first) {
  const auto place = torch::arange(first, first + N, torch::kInt64).expand({B, N});
  return {.returns = torch::randn({B, N}),
          .observations = torch::randn({B, N, options.observation_size}),
          .previous_actions = torch::randn({B, N, options.action_size}),
          .previous_rewards = torch::randn({B, N}),
          .previous_completions = torch::zeros({B, N}),
          .episode_steps = place.remainder(options.max_episode_steps),
          .episodes = place.floor_divide(options.max_episode_steps)};
}

double MillisecondsOfStep(PolicyNetwork& network, const StepTensors& step, ContextState& context) {
  const auto start = std::chrono::steady_clock::now();
  network->Step(step, context);
  return 1e3 * std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

std::vector<ActionCost> BenchmarkActions(const ModelOptions& options, int64_t batch,
                                         const std::vector<int64_t>& contexts, int64_t repeats) {
  const torch::NoGradGuard no_grad;
  PolicyNetwork network(options);
  network->eval();
  // Room for all, so that growing storage is not timed.
  ContextState context = network->StartContext(batch, contexts.back() + repeats + 1);
  std::vector<ActionCost> costs;
  int64_t seen = 0;
  for (const int64_t wanted : contexts) {
    if (wanted - 1 > seen) {
      network->Absorb(RandomSteps(options, batch, wanted - 1 - seen, seen), context);
      seen = wanted - 1;
    }
    std::vector<double> times;
    for (int64_t i = 0; i < repeats; ++i) {
      times.push_back(MillisecondsOfStep(network, RandomSteps(options, batch, 1, seen++), context));
    }
    std::ranges::nth_element(times, times.begin() + repeats / 2);
    costs.push_back({.context = wanted,
                     .batch = batch,
                     .milliseconds = times[repeats / 2],
                     .context_bytes = context.bytes()});
  }
  return costs;
}

RolloutShares BenchmarkRollout(const ModelOptions& given, const std::string& id, int64_t chains,
                               int64_t episodes, int64_t action_repeat) {
  const std::unique_ptr<Environment> environment =
      MakeEnvironment(id, {.batch = chains, .action_repeat = action_repeat});
  const EnvironmentSpec& spec = environment->spec();
  LoadedPolicy policy;
  policy.record.options.model = given;
  ModelOptions& options = policy.record.options.model;
  options.observation_size = spec.observation_size;
  options.action_size = spec.action_size;
  options.max_episode_steps = spec.max_episode_steps;
  policy.record.action_kind = ActionKindOf(spec);
  if (policy.record.action_kind == ActionKind::kDiscrete) options.head = ActionHead::kCategorical;
  policy.record.options.chain.episodes = episodes;
  policy.record.normalizer = {.observation_mean = std::vector<double>(spec.observation_size, 0.0),
                              .observation_std = std::vector<double>(spec.observation_size, 1.0),
                              .action_center = std::vector<double>(spec.action_size, 0.0),
                              .action_scale = std::vector<double>(spec.action_size, 1.0)};
  policy.network = PolicyNetwork(options);
  policy.network->eval();
  const std::unique_ptr<Policy> acting =
      MakePolicy(policy, {.chains = chains, .context = ContextUse::kAllEpisodes});
  RolloutClock clock;
  const RolloutResult result =
      Rollout(*environment, *acting, {.episodes = episodes, .clock = &clock});
  RolloutShares shares{.seconds = clock.total};
  for (const auto& chain : result) {
    for (const EpisodeResult& episode : chain) shares.decisions += episode.length;
  }
  shares.model = acting->model_seconds() / clock.total;
  shares.physics = clock.physics / clock.total;
  shares.copying = 1 - shares.model - shares.physics;
  return shares;
}

}  // namespace longplay
