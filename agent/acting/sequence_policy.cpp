// SPDX-License-Identifier: MIT
#include "agent/acting/sequence_policy.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>

#include "agent/acting/check_view.h"
#include "agent/acting/episode_window.h"
#include "agent/batches/step_tensors.h"
#include "agent/batches/step_window.h"
#include "agent/runs/checkpoint.h"
#include "datasets/chains/step_encoder.h"
#include "datasets/store/one_hot.h"
#include "model/layers/stack_plan.h"
#include "model/policy/action_head.h"
#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

struct Window {
  int64_t steps = 0;  // 0 = everything
  WindowUse use = WindowUse::kCached;
};

/// A policy trained on windows of its chains acts on windows of that length, as it was trained.
Window ChooseWindow(const LoadedPolicy& policy, const PolicyOptions& options) {
  const RunOptions& run = policy.record.options;
  if (options.window_episodes > 0 && (options.window > 0 || run.chain.window > 0)) {
    throw std::invalid_argument("acting: " + policy.folder +
                                ": evaluate.window_episodes: expected 0 beside a window of " +
                                std::to_string(std::max(options.window, run.chain.window)) +
                                " steps, got " + std::to_string(options.window_episodes));
  }
  if (options.window == 0) return {run.chain.window, WindowUse::kRecomputed};
  // A state holds all steps at once: the oldest cannot be dropped from it.
  const StackPlan plan = PlanStack(run.model);
  const bool recurrent = !plan.attends_blockwise || plan.has_memory;
  if (recurrent && options.window_use == WindowUse::kCached) {
    throw std::invalid_argument("acting: " + policy.folder +
                                ": evaluate.window: expected window_use recomputed (--window-use) "
                                "for a mixer with a state, got cached");
  }
  return {options.window, options.window_use};
}

/// Samples can be compared where there is something to draw, and something that values it.
void CheckBestOf(const LoadedPolicy& policy, const PolicyOptions& options) {
  if (options.best_of == 0) return;
  const bool draws = policy.record.options.model.head != ActionHead::kSquaredError;
  if (draws && policy.network->values()) return;
  throw std::invalid_argument(
      "acting: " + policy.folder + ": evaluate.act: expected mean or sample for a policy " +
      (draws ? "without value heads (train.method ic_iql has them)"
             : "whose head draws nothing (model.head gaussian or categorical does)") +
      ", got best_of");
}

}  // namespace

struct SequencePolicy::Impl {
  Impl(const LoadedPolicy& loaded, const PolicyOptions& given)
      : policy(loaded),
        options(given),
        window(ChooseWindow(loaded, given)),
        single_episodes(PlaysSingleEpisodes(loaded, given.context)),
        live(given.chains),
        encoders(given.chains,
                 StepEncoder(policy.record.normalizer, policy.record.options.chain.boundary,
                             policy.record.normalizer.observation_offset)),
        targets(given.chains, given.target.value_or(loaded.record.best_return)),
        last_actions(given.chains * action_size(), 0.0F),
        started(given.chains, 0),
        decisions(given.chains, 0),
        context(policy.network->StartContext(keeps_episodes() ? 0 : given.chains, 0, window.steps)),
        tensor_options(policy.network->parameters().front().options().requires_grad(false)) {
    CheckBestOf(loaded, given);
    std::iota(live.begin(), live.end(), 0);
    if (keeps_episodes()) episodes.emplace(policy.network, given.chains, given.window_episodes);
    if (recomputes()) recent.emplace(given.chains, window.steps, observation_size(), action_size());
  }

  int64_t observation_size() const { return policy.record.normalizer.observation_size(); }
  int64_t action_size() const { return policy.record.normalizer.action_size(); }
  bool discrete() const { return policy.record.options.model.head == ActionHead::kCategorical; }
  /// Numbers of an action outside: A, or the number of a discrete one.
  int64_t action_columns() const { return discrete() ? 1 : action_size(); }
  std::span<float> last_action(int64_t i) {
    return std::span(last_actions).subspan(i * action_size(), action_size());
  }
  /// Whether the context is a window of episodes.
  bool keeps_episodes() const {
    return options.window_episodes > 0 && !ForgetsEpisodes(policy, options.context);
  }
  bool recomputes() const { return window.steps > 0 && window.use == WindowUse::kRecomputed; }

  void DropInactive(const RolloutView& view);
  void Encode(const RolloutView& view);
  void StartEpisode(size_t place);
  void Forget(int64_t place);
  Prediction RunNetwork();
  torch::Tensor BestOf(const Prediction& prediction) const;
  torch::Tensor NoiseKeys() const;
  torch::Tensor Choose();
  void Decide(std::span<double> actions);
  void Take(std::span<const double> actions);
  void ToTask(std::span<const float> chosen, std::span<double> action) const;
  void ToPolicy(std::span<const double> action, std::span<float> taken) const;

  LoadedPolicy policy;
  PolicyOptions options;
  Window window;
  bool single_episodes;               // every episode begins a chain
  std::vector<int64_t> live;          // [b] chains still acting; their place is the row of tensors
  StepRows rows;                      // [b] one row per live chain
  std::vector<StepEncoder> encoders;  // [B]
  std::vector<double> targets;        // [B] return asked for in the running episode
  std::vector<float> last_actions;    // [B, A] in the policy's units
  std::vector<float> observation;     // [O] of the chain being encoded
  std::vector<uint8_t> started;       // [B] 1 = this chain has decided before
  std::vector<int64_t> decisions;     // [B] so far, the running one included
  ContextState context;               // of the live chains; unused where steps are recomputed
  std::optional<StepWindow> recent;   // of the live chains, where steps are recomputed
  std::optional<EpisodeWindow> episodes;  // of all chains, where the window is one of episodes
  torch::TensorOptions tensor_options;
  double model_seconds = 0;
};

/// Chains that are done cost nothing any more.
void SequencePolicy::Impl::DropInactive(const RolloutView& view) {
  std::vector<int64_t> places, left;
  for (size_t place = 0; place < live.size(); ++place) {
    if (!view.active[live[place]]) continue;
    places.push_back(static_cast<int64_t>(place));
    left.push_back(live[place]);
  }
  if (left.size() == live.size()) return;
  live = std::move(left);
  if (live.empty()) return;
  // Rows of tensors follow the live chains; windows of episodes are kept by chain.
  if (recent) {
    recent->Select(places);
  } else if (!episodes) {
    context.Select(places);
  }
}

void SequencePolicy::Impl::Forget(int64_t place) {
  if (recent) {
    recent->Forget(place);
  } else {
    context.Forget(place);
  }
}

void SequencePolicy::Impl::StartEpisode(size_t place) {
  const int64_t i = live[place];
  // The raise counts from the target that was reached.
  if (started[i] && encoders[i].reached_target()) {
    targets[i] += options.target_step * std::abs(targets[i]);
  }
  if (started[i] && ForgetsEpisodes(policy, options.context)) Forget(static_cast<int64_t>(place));
  // A new chain has nothing before it; one whose layers forget goes on counting its episodes.
  if (started[i] && single_episodes) {
    encoders[i] = StepEncoder(policy.record.normalizer, policy.record.options.chain.boundary,
                              policy.record.normalizer.observation_offset);
  }
  encoders[i].StartEpisode(targets[i]);
  if (episodes && episodes->StartEpisode(i, tensor_options)) encoders[i].ForgetAnEpisode();
}

void SequencePolicy::Impl::Encode(const RolloutView& view) {
  rows.Resize(static_cast<int64_t>(live.size()), observation_size(), action_size());
  for (size_t place = 0; place < live.size(); ++place) {
    const int64_t i = live[place];
    // What the last decision brought, then the episode's start, then this step.
    if (started[i]) encoders[i].Record(last_action(i), view.rewards[i], view.starts[i] != 0);
    if (view.starts[i]) StartEpisode(place);
    if (!started[i] && !view.starts[i]) {
      throw std::invalid_argument("acting: starts: expected 1 at the first decision of chain " +
                                  std::to_string(i) + ", got 0");
    }
    started[i] = 1;
    ++decisions[i];
    const auto seen = view.observations.subspan(i * observation_size(), observation_size());
    observation.assign(seen.begin(), seen.end());
    // Taken off before it is rounded to float32, as in training.
    const std::vector<double>& offset = policy.record.normalizer.observation_offset;
    for (size_t k = 0; k < offset.size(); ++k) {
      observation[k] = static_cast<float>(seen[k] - offset[k]);
    }
    encoders[i].Write(observation, rows, static_cast<int64_t>(place));
  }
}

Prediction SequencePolicy::Impl::RunNetwork() {
  // By what the context is: a window of episodes, one of steps computed anew, or a cache.
  if (episodes) return episodes->Step(rows, live, tensor_options);
  if (recent) {
    recent->Append(rows);
    Prediction all = policy.network->Predict(recent->Tensors(tensor_options));
    all.output = recent->Newest(all.output);
    if (all.features.defined()) all.features = recent->Newest(all.features);
    return all;
  }
  return policy.network->PredictStep(
      ToStepTensors(rows, static_cast<int64_t>(live.size()), tensor_options), context);
}

/// [b] of the live chains' running decisions: what one draws depends on no other, but that all of
/// options.draw_every in a row have the first one's.
torch::Tensor SequencePolicy::Impl::NoiseKeys() const {
  const torch::Tensor chains = torch::tensor(live, torch::kInt64);
  torch::Tensor numbers = torch::tensor(decisions, torch::kInt64).index_select(0, chains);
  numbers = numbers - (numbers - 1).remainder(options.draw_every);  // they count from 1
  return KeysOfTokens({.seed = options.seed}, chains, numbers);
}

/// [b, A]: of options.best_of samples for each live chain, the first that the lower of both critics
/// values most. With a temperature each value has Gumbel noise of that size: the largest sum then is
/// a draw from the softmax of value / temperature.
torch::Tensor SequencePolicy::Impl::BestOf(const Prediction& prediction) const {
  const ActionHead head = policy.record.options.model.head;
  const torch::Tensor keys = NoiseKeys();
  ValueHeads heads = policy.network->values();
  // Values are those of scaled rewards.
  const double noise =
      options.temperature * policy.record.options.methods.ic_iql.learning.reward_scale;
  torch::Tensor best, most;
  for (int64_t sample = 0; sample < options.best_of; ++sample) {
    const torch::Tensor actions = ChooseAction(head, prediction.output, ActionChoice::kBestOf,
                                               KeysAt(keys, static_cast<uint64_t>(sample)));
    torch::Tensor values =
        heads->ActionValues(prediction.features, actions.to(prediction.features.options()))
            .amin(0)
            .to(torch::kCPU);  // [b]
    if (noise > 0) {
      // Places behind those of the samples themselves.
      const auto place = static_cast<uint64_t>(options.best_of + sample);
      values = values + noise * KeyedGumbel(KeysAt(keys, place), 1).squeeze(1).to(values.options());
    }
    if (sample == 0) {
      best = actions;
      most = values;
      continue;
    }
    const torch::Tensor better = values > most;
    best = torch::where(better.unsqueeze(1), actions, best);
    most = torch::where(better, values, most);
  }
  return best;
}

/// [b, A] of the live chains, in the policy's units.
torch::Tensor SequencePolicy::Impl::Choose() {
  const auto start = std::chrono::steady_clock::now();
  Prediction prediction = RunNetwork();
  prediction.output = prediction.output.to(torch::kCPU);
  model_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // Inside the bounds: predictions may leave them.
  const torch::Tensor chosen =
      options.best_of > 0
          ? BestOf(prediction)
          : ChooseAction(policy.record.options.model.head, prediction.output,
                         options.sample ? ActionChoice::kSample : ActionChoice::kMean,
                         options.sample ? NoiseKeys() : torch::Tensor());
  return chosen.clamp(-1, 1).to(torch::kFloat32).contiguous();
}

/// An action of the policy, [A] in its units, as the task takes it, [action_columns()].
void SequencePolicy::Impl::ToTask(std::span<const float> chosen, std::span<double> action) const {
  if (discrete()) {
    action[0] = ReadOneHot(chosen);
    return;
  }
  const Normalizer& normalizer = policy.record.normalizer;
  for (size_t a = 0; a < chosen.size(); ++a) {
    action[a] = normalizer.action_center[a] + normalizer.action_scale[a] * chosen[a];
  }
}

void SequencePolicy::Impl::ToPolicy(std::span<const double> action, std::span<float> taken) const {
  if (discrete()) {
    WriteOneHot(action[0], taken);
    return;
  }
  const Normalizer& normalizer = policy.record.normalizer;
  for (size_t a = 0; a < taken.size(); ++a) {
    const double in_range = action[a] - normalizer.action_center[a];
    taken[a] = static_cast<float>(in_range / normalizer.action_scale[a]);
  }
}

void SequencePolicy::Impl::Decide(std::span<double> actions) {
  const torch::Tensor chosen = Choose();
  const float* from = chosen.const_data_ptr<float>();
  // The policy sees its own choice next, before it was put into the task's units.
  for (const int64_t i : live) {
    std::copy_n(from, action_size(), last_action(i).begin());
    from += action_size();
    ToTask(last_action(i), actions.subspan(i * action_columns(), action_columns()));
  }
}

void SequencePolicy::Impl::Take(std::span<const double> actions) {
  Choose();  // for the context, which the decision's step enters
  for (const int64_t i : live) {
    ToPolicy(actions.subspan(i * action_columns(), action_columns()), last_action(i));
  }
}

SequencePolicy::SequencePolicy(const LoadedPolicy& loaded, const PolicyOptions& options)
    : impl_(std::make_unique<Impl>(loaded, options)) {}
SequencePolicy::~SequencePolicy() = default;

void SequencePolicy::Act(const RolloutView& view, std::span<double> actions) {
  const torch::NoGradGuard no_grad;
  CheckView(view, actions.size(), impl_->options.chains, description());
  impl_->DropInactive(view);
  if (impl_->live.empty()) return;
  impl_->Encode(view);
  impl_->Decide(actions);
}

void SequencePolicy::Watch(const RolloutView& view, std::span<const double> actions) {
  const torch::NoGradGuard no_grad;
  CheckView(view, actions.size(), impl_->options.chains, description());
  impl_->DropInactive(view);
  if (impl_->live.empty()) return;
  impl_->Encode(view);
  impl_->Take(actions);
}

PolicyDescription SequencePolicy::description() const {
  const PolicyRecord& record = impl_->policy.record;
  return {.observation_size = impl_->observation_size(),
          .action_columns = impl_->action_columns(),
          .best_return = record.best_return,
          .trained = record.trained};
}
int64_t SequencePolicy::context_bytes() const {
  return impl_->episodes ? impl_->episodes->bytes() : impl_->context.bytes();
}
double SequencePolicy::model_seconds() const { return impl_->model_seconds; }

bool PlaysSingleEpisodes(const LoadedPolicy& policy, ContextUse use) {
  if (use == ContextUse::kAuto) return policy.record.options.chain.episodes == 1;
  return use == ContextUse::kOneEpisode;
}

bool ForgetsEpisodes(const LoadedPolicy& policy, ContextUse use) {
  return PlaysSingleEpisodes(policy, use) ||
         policy.record.options.model.episode_context == EpisodeContext::kReset;
}

}  // namespace longplay
