// SPDX-License-Identifier: MIT
#include "runtime/acting/policy.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace longplay::runtime {

ActingPolicy::ActingPolicy(const PolicyFacts& facts, const ActingSettings& settings,
                           const TensorFile& file, Arena& arena)
    : facts_(facts),
      settings_(settings),
      writer_(facts_, {settings.target_step, settings.single_episodes}) {
  WeightLoader weights(file, arena, settings.weight_type);
  const int64_t B = settings.chains;
  if (facts_.is_actor) {
    actor_ = std::make_unique<PerceptronActor>(facts_, weights);
  } else {
    engine_ = std::make_unique<StepEngine>(facts_, weights, settings.room, B);
    if (facts_.has_values) values_ = std::make_unique<ActionValueHeads>(facts_, weights);
  }
  scratch_bytes = engine_ ? engine_->layers().scratch_bytes() : 0;
  weight_bytes = static_cast<int64_t>(arena.used()) - scratch_bytes;
  TakeChains(arena);
}

void ActingPolicy::TakeChains(Arena& arena) {
  const int64_t B = settings_.chains;
  chains_.resize(static_cast<size_t>(B));
  const uint64_t before = arena.used();
  const bool keeps = settings_.recomputes || settings_.window_episodes > 0;
  kept_capacity_ = keeps ? settings_.context_steps : 0;
  for (ActingChain& chain : chains_) {
    chain.previous_action = arena.Take<float>(facts_.action_size);
    chain.last_action = arena.Take<float>(facts_.action_size);
    if (engine_) engine_->TakeContext(arena, chain);
    chain.kept = StepStore::Take(arena, writer_.layout(), kept_capacity_);
    chain.lengths = arena.Take<int64_t>(settings_.window_episodes);
  }
  context_bytes = static_cast<int64_t>(arena.used() - before);
  const uint64_t contexts = arena.used();
  steps_ = StepStore::Take(arena, writer_.layout(), B);
  outputs_ = arena.Take<float>(B * facts_.outputs());
  features_ = arena.Take<float>(values_ ? B * facts_.width : 0);
  live_ = arena.Take<int64_t>(B);
  spans_ = arena.Take<StepEngine::StepSpan>(B);
  scratch_bytes += static_cast<int64_t>(arena.used() - contexts);
  if (arena.counts()) return;
  for (int64_t i = 0; i < B; ++i) StartChain(i, settings_.target);
}

int ActingPolicy::Wrong(int code, const char* form, ...) {
  va_list values;
  va_start(values, form);
  std::vsnprintf(message_, sizeof message_, form, values);
  va_end(values);
  return code;
}

int ActingPolicy::StartChain(int64_t i, double target) {
  ActingChain& own = chain(i);
  writer_.Restart(own, std::isnan(target) ? settings_.target : target);
  own.kept_steps = own.kept_episodes = 0;
  if (engine_) engine_->Forget(own);
  return LONGPLAY_OK;
}

int ActingPolicy::CheckView(const longplay_view& view, const double* taken) {
  const int64_t O = facts_.observation_size, C = facts_.action_columns();
  for (int64_t i = 0; i < settings_.chains; ++i) {
    if (view.active != nullptr && view.active[i] == 0) continue;
    const long long number = i;
    const double* const seen = view.observations + i * O;
    if (!std::all_of(seen, seen + O, [](double x) { return std::isfinite(x); })) {
      return Wrong(LONGPLAY_WRONG_ARGUMENT,
                   "acting: observations: expected finite numbers, chain %lld has others", number);
    }
    if (taken != nullptr && !writer_.IsAction(taken + i * C)) {
      return Wrong(LONGPLAY_WRONG_ARGUMENT,
                   "acting: actions: expected actions that there are, chain %lld has others",
                   number);
    }
    if (actor_) continue;
    const bool started = chain(i).started != 0;
    if (started && !std::isfinite(view.rewards[i])) {
      return Wrong(LONGPLAY_WRONG_ARGUMENT,
                   "acting: rewards: expected finite numbers, chain %lld has others", number);
    }
    if (!started && view.starts[i] == 0) {
      return Wrong(LONGPLAY_WRONG_ARGUMENT,
                   "acting: starts: expected 1 at the first decision of chain %lld, got 0", number);
    }
    if (const int code = CheckRoom(i, view.starts[i] != 0); code != LONGPLAY_OK) return code;
  }
  return LONGPLAY_OK;
}

void ActingPolicy::Encode(int64_t i, double reward, bool starts, const double* observation,
                          const StepStore& to) {
  ActingChain& own = chain(i);
  // What the last decision brought, then the episode's start, then this step.
  if (own.started != 0) writer_.Record(own, reward, starts);
  if (starts) BeginEpisode(own);
  own.started = 1;
  ++own.decisions;
  writer_.Write(own, observation, to);
}

void ActingPolicy::Take(int64_t i, const double* action) {
  writer_.ToPolicy(action, chain(i).last_action);
}

/// One step of each live chain, as many chains at once as there are rows.
void ActingPolicy::FeedLive(int64_t live, bool asks) {
  for (int64_t k = 0; k < live; ++k) {
    const int64_t i = live_[k];
    spans_[k] = {&chain(i), steps_.From(writer_.layout(), i), 1,
                 asks ? outputs_ + i * facts_.outputs() : nullptr,
                 asks && values_ ? features_ + i * facts_.width : nullptr};
  }
  const int64_t at_once = engine_->steps_at_once();
  for (int64_t first = 0; first < live; first += at_once) {
    Feed(spans_ + first, std::min(at_once, live - first));
  }
}

int ActingPolicy::ActWithPerceptrons(const longplay_view& view, double* actions) {
  for (int64_t i = 0; actions != nullptr && i < settings_.chains; ++i) {
    if (view.active != nullptr && view.active[i] == 0) continue;
    actor_->Act(*settings_.kernels, view.observations + i * facts_.observation_size,
                actions + i * facts_.action_columns());
    ++chain(i).decisions;
  }
  return LONGPLAY_OK;
}

int ActingPolicy::Decide(const longplay_view& view, const double* taken, double* actions) {
  if (const int code = CheckView(view, taken); code != LONGPLAY_OK) return code;
  if (actor_) return ActWithPerceptrons(view, actions);
  const int64_t O = facts_.observation_size, C = facts_.action_columns();
  int64_t live = 0;
  for (int64_t i = 0; i < settings_.chains; ++i) {
    if (view.active != nullptr && view.active[i] == 0) continue;
    live_[live++] = i;
    Encode(i, view.rewards[i], view.starts[i] != 0, view.observations + i * O,
           steps_.From(writer_.layout(), i));
  }
  FeedLive(live, taken == nullptr);
  for (int64_t k = 0; k < live; ++k) {
    const int64_t i = live_[k];
    if (taken != nullptr) {
      Take(i, taken + i * C);
      continue;
    }
    // The policy sees its own choice next, before it was put into the task's units.
    Choose(i);
    writer_.ToTask(chain(i).last_action, actions + i * C);
  }
  return LONGPLAY_OK;
}

void ActingPolicy::DecideOne(int64_t i, double reward, bool starts, const double* observation,
                             double* action) {
  if (actor_) return actor_->Act(*settings_.kernels, observation, action);
  live_[0] = i;
  Encode(i, reward, starts, observation, steps_.From(writer_.layout(), i));
  FeedLive(1, /*asks=*/true);
  ChooseFromHead(facts_, outputs_ + i * facts_.outputs(), {}, chain(i).last_action);
  writer_.ToTask(chain(i).last_action, action);
}

}  // namespace longplay::runtime
