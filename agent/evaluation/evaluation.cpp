// SPDX-License-Identifier: MIT
#include "agent/evaluation/evaluation.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <stdexcept>

#include "agent/acting/function_policy.h"
#include "agent/acting/make_environment.h"
#include "agent/acting/make_policy.h"
#include "agent/acting/step_sizes.h"
#include "agent/evaluation/arranged_context.h"

namespace longplay {
namespace {

double OfContext(Measure measure, const std::vector<double>& returns) {
  switch (measure) {
    case Measure::kFirst:
      return returns.front();
    case Measure::kLast:
      return returns.back();
    case Measure::kMean:
      return std::accumulate(returns.begin(), returns.end(), 0.0) /
             static_cast<double>(returns.size());
    case Measure::kBest:
      return std::ranges::max(returns);
  }
  throw std::invalid_argument("reducing returns: got an unknown measure");
}

/// The data file's own for the environment that the data are of, else D4RL's, else none.
std::optional<ReturnReference> Reference(const PolicyRecord& record,
                                         const std::string& environment) {
  if (record.reference && environment == record.environment) return record.reference;
  return D4rlReference(environment);
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

RolloutResult Play(const LoadedPolicy& policy, const EvaluateOptions& options, double target,
                   Environment& environment, const std::function<void(int64_t)>& on_decision) {
  const PolicyOptions acting = ActingOptions(options, options.seeds, target);
  const RolloutOptions rollout = {.episodes = options.episodes, .seed = options.seed};
  // Phase 1: all episodes as they come.
  std::unique_ptr<Policy> first = MakePolicy(policy, acting);
  if (options.last_context == LastContext::kAsPlayed || options.episodes == 1) {
    return Rollout(environment, *first, rollout, on_decision);
  }
  // The same, and noted down for phase 2.
  PlayedEpisodes played(options.seeds);
  FunctionPolicy recorded([&](const RolloutView& view, std::span<double> actions) {
    first->Act(view, actions);
    played.Add(view, actions);
  });
  RolloutResult result = Rollout(environment, recorded, rollout, on_decision);
  first.reset();  // its contexts may be large
  // Phase 2: the last episode again, by a fresh policy that saw the others rearranged.
  const Arrangement before = Arrange(options.last_context, result, environment);
  const std::unique_ptr<Policy> second = MakePolicy(policy, acting);
  const std::vector<EpisodeResult> last =
      PlayLastEpisodes(environment, *second, played, before, rollout);
  for (size_t i = 0; i < result.size(); ++i) result[i].back() = last[i];
  return result;
}

}  // namespace

std::vector<double> EvaluationResult::PerSeed(Measure measure) const {
  std::vector<double> values;
  for (const std::vector<double>& seed : returns) values.push_back(OfContext(measure, seed));
  return values;
}

std::vector<std::string> RangeNotes(const LoadedPolicy& policy, const EvaluateOptions& options,
                                    const std::vector<std::vector<int64_t>>& lengths) {
  const TrainedRange& trained = policy.record.trained;
  std::vector<std::string> notes;
  if (trained == TrainedRange()) return notes;
  const bool single = ForgetsEpisodes(policy, options.context);
  // Episodes in context, against those that it was trained on.
  const int64_t kept = options.window_episodes > 0 ? options.window_episodes : options.episodes;
  const int64_t episodes = single ? 1 : std::min(kept, options.episodes);
  if (episodes > trained.episodes && options.window == 0) {
    const std::string most = std::to_string(trained.episodes);
    notes.push_back("has " + std::to_string(episodes) + " episodes in context and was trained on " +
                    most + ": those after number " + most +
                    " are beyond its training (evaluate.window_episodes: " + most +
                    " keeps it within)");
  }
  // Steps of an episode, likewise.
  int64_t longest = 0;
  for (const auto& chain : lengths) longest = std::max(longest, std::ranges::max(chain));
  if (longest > trained.episode_steps) {
    notes.push_back("plays an episode of " + std::to_string(longest) +
                    " decisions and was trained on at most " +
                    std::to_string(trained.episode_steps) + ": later steps look like the last one");
  }
  return notes;
}

std::vector<Estimate> EvaluationResult::by_episode() const {
  std::vector<Estimate> estimates;
  for (size_t e = 0; e < returns.front().size(); ++e) {
    std::vector<double> values;
    for (const std::vector<double>& seed : returns) values.push_back(seed[e]);
    estimates.push_back(BootstrapMean(values));
  }
  return estimates;
}

PolicyOptions ActingOptions(const EvaluateOptions& options, int64_t chains, double target) {
  return {.chains = chains,
          .target = target,
          .target_step = options.target_step,
          .sample = options.act == ActionChoice::kSample,
          .best_of = options.act == ActionChoice::kBestOf ? options.best_of : 0,
          .temperature = options.temperature,
          .draw_every = options.draw_every,
          .seed = EpisodeSeed(options.seed, 0),
          .context = options.context,
          .window = options.window,
          .window_episodes = options.window_episodes,
          .window_use = options.window_use};
}

std::unique_ptr<Environment> MakeEvaluationEnvironment(const LoadedPolicy& policy,
                                                       const EvaluateOptions& options,
                                                       int64_t chains) {
  if (options.environment.empty()) {
    throw std::invalid_argument(
        "evaluating: " + policy.folder +
        ": expected an environment (evaluate.environment or --env), got none: the data name none "
        "(without a simulator: --data F, held-out files whose actions are predicted)");
  }
  std::unique_ptr<Environment> environment =
      MakeEnvironment(options.environment, {.batch = chains,
                                            .action_repeat = options.action_repeat,
                                            .max_episode_steps = options.max_episode_steps,
                                            .parameters = ParameterSet::kHeldOut});
  // A policy for other sizes cannot play it.
  CheckSizes(SizesOf(environment->spec()), SizesOf(policy.record),
             "evaluating: " + environment->spec().id, "as the policy was trained with");
  return environment;
}

EvaluationResult Evaluate(const LoadedPolicy& policy, const EvaluateOptions& options,
                          const std::function<void(int64_t)>& on_decision) {
  const auto start = std::chrono::steady_clock::now();
  const std::unique_ptr<Environment> environment =
      MakeEvaluationEnvironment(policy, options, options.seeds);
  EvaluationResult result{.environment = options.environment,
                          .target = options.target.value_or(policy.record.best_return),
                          .act = options.act,
                          .seed = options.seed,
                          .returns = std::vector<std::vector<double>>(options.seeds),
                          .lengths = std::vector<std::vector<int64_t>>(options.seeds)};
  Append(Play(policy, options, result.target, *environment, on_decision), result);
  result.reference = Reference(policy.record, options.environment);
  result.notes = RangeNotes(policy, options, result.lengths);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace longplay
