// SPDX-License-Identifier: MIT
#include "agent/evaluation.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "agent/make_environment.h"
#include "agent/policy.h"

namespace longplay {
namespace {

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// One number per seed, by `of` a seed's returns.
template <typename Function>
std::vector<double> PerSeed(const std::vector<std::vector<double>>& returns, Function of) {
  std::vector<double> values;
  for (const std::vector<double>& seed : returns) values.push_back(of(seed));
  return values;
}

nlohmann::json ToJson(const Estimate& estimate) {
  return {{"mean", estimate.value}, {"ci95", {estimate.low, estimate.high}}};
}

void CheckFits(const LoadedPolicy& policy, const EnvironmentSpec& spec) {
  const Normalizer& normalizer = policy.record.normalizer;
  const auto sizes = [](int64_t observation_size, int64_t action_size) {
    return std::to_string(observation_size) + " observations and " + std::to_string(action_size) +
           " actions";
  };
  if (normalizer.observation_size() != spec.observation_size ||
      normalizer.action_size() != spec.action_size) {
    throw std::invalid_argument("evaluating: " + spec.id + ": expected " +
                                sizes(normalizer.observation_size(), normalizer.action_size()) +
                                " as the policy was trained with, got " +
                                sizes(spec.observation_size, spec.action_size));
  }
}

BatchedEnvironment MakeCheckedEnvironment(const LoadedPolicy& policy,
                                          const EvaluateOptions& options) {
  if (options.environment.empty()) {
    throw std::invalid_argument(
        "evaluating: " + policy.folder +
        ": expected an environment (evaluate.environment or --env), got none: the data names none");
  }
  BatchedEnvironment environment =
      MakeEnvironment(options.environment, {.batch = options.seeds,
                                            .action_repeat = options.action_repeat,
                                            .max_episode_steps = options.max_episode_steps,
                                            .parameters = ParameterSet::kHeldOut});
  CheckFits(policy, environment.spec());
  return environment;
}

void Append(const RolloutResult& episodes, EvaluationResult& result) {
  for (size_t seed = 0; seed < episodes.size(); ++seed) {
    for (const EpisodeResult& episode : episodes[seed]) {
      result.returns[seed].push_back(episode.episode_return);
      result.lengths[seed].push_back(episode.length);
      result.diverged += episode.diverged;
    }
  }
}

}  // namespace

Estimate EvaluationResult::first() const {
  return BootstrapMean(PerSeed(returns, [](const auto& seed) { return seed.front(); }));
}
Estimate EvaluationResult::last() const {
  return BootstrapMean(PerSeed(returns, [](const auto& seed) { return seed.back(); }));
}
Estimate EvaluationResult::best() const {
  return BootstrapMean(PerSeed(returns, [](const auto& seed) { return std::ranges::max(seed); }));
}
Estimate EvaluationResult::mean() const {
  return BootstrapMean(PerSeed(returns, [](const auto& seed) { return Mean(seed); }));
}
std::vector<Estimate> EvaluationResult::by_episode() const {
  std::vector<Estimate> estimates;
  for (size_t e = 0; e < returns.front().size(); ++e) {
    estimates.push_back(BootstrapMean(PerSeed(returns, [&](const auto& seed) { return seed[e]; })));
  }
  return estimates;
}

nlohmann::json ToJson(const EvaluationResult& result) {
  nlohmann::json json = {{"environment", result.environment},
                         {"target", result.target},
                         {"act", result.act == ActionChoice::kMean ? "mean" : "sample"},
                         {"seed", result.seed},
                         {"returns", result.returns},
                         {"lengths", result.lengths},
                         {"diverged", result.diverged},
                         {"seconds", result.seconds},
                         {"interval", "bootstrap over evaluation seeds of one checkpoint"},
                         {"first", ToJson(result.first())},
                         {"last", ToJson(result.last())},
                         {"best", ToJson(result.best())},
                         {"mean", ToJson(result.mean())},
                         {"normalized", nullptr}};
  if (result.reference_min && result.reference_max) {
    const auto score = [&](const Estimate& estimate) {
      const double span = *result.reference_max - *result.reference_min;
      const auto of = [&](double value) { return 100 * (value - *result.reference_min) / span; };
      return ToJson({of(estimate.value), of(estimate.low), of(estimate.high)});
    };
    json["normalized"] = {{"first", score(result.first())},
                          {"last", score(result.last())},
                          {"best", score(result.best())},
                          {"mean", score(result.mean())}};
  }
  return json;
}

EvaluationResult Evaluate(const LoadedPolicy& policy, const EvaluateOptions& options,
                          ContextUse use, const std::function<void(int64_t)>& on_decision) {
  const auto start = std::chrono::steady_clock::now();
  BatchedEnvironment environment = MakeCheckedEnvironment(policy, options);
  EvaluationResult result{.environment = options.environment,
                          .target = options.target.value_or(policy.record.best_return),
                          .act = options.act,
                          .seed = options.seed,
                          .returns = std::vector<std::vector<double>>(options.seeds),
                          .lengths = std::vector<std::vector<int64_t>>(options.seeds)};
  const int64_t contexts = use == ContextUse::kOneEpisode ? options.episodes : 1;
  const int64_t episodes = options.episodes / contexts;
  for (int64_t context = 0; context < contexts; ++context) {
    ContextPolicy acting =
        MakeContextPolicy(policy, {.chains = options.seeds,
                                   .target = result.target,
                                   .sample = options.act == ActionChoice::kSample,
                                   .seed = EpisodeSeed(options.seed, context)});
    const RolloutOptions rollout{
        .episodes = episodes, .first_episode = context * episodes, .seed = options.seed};
    Append(Rollout(
               environment,
               [&](const RolloutView& view, std::span<double> actions) { acting(view, actions); },
               rollout,
               [&](int64_t done) {
                 if (on_decision) on_decision(context * options.seeds * episodes + done);
               }),
           result);
  }
  if (const auto reference = ReferenceReturns(options.environment)) {
    result.reference_min = reference->first;
    result.reference_max = reference->second;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::optional<std::pair<double, double>> ReferenceReturns(const std::string& environment) {
  struct Reference {
    std::string_view name;
    double low, high;
  };
  // v5 tasks differ slightly from the v2 data's; the references are the data's.
  static constexpr std::array<Reference, 4> kReferences = {{{"HalfCheetah-", -280.178953, 12135.0},
                                                            {"Hopper-", -20.272305, 3234.3},
                                                            {"Walker2d-", 1.629008, 4592.3},
                                                            {"Ant-", -325.6, 3879.7}}};
  for (const Reference& reference : kReferences) {
    if (environment.starts_with(reference.name)) return std::pair(reference.low, reference.high);
  }
  return std::nullopt;
}

}  // namespace longplay
