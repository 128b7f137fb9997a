// SPDX-License-Identifier: MIT
#include "runtime/acting/policy.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "runtime/acting/head.h"

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

int ActingPolicy::CheckRoom(int64_t i, bool starts, int64_t pending) {
  const ActingChain& own = chain(i);
  const bool forgets = starts && own.started != 0 && settings_.forgets_episodes;
  int64_t tokens = forgets ? 0 : own.seen;
  int64_t kept = forgets ? 0 : own.kept_steps;
  if (starts && settings_.window_episodes > 0 && own.kept_episodes == settings_.window_episodes) {
    kept -= own.lengths[0];
    tokens = kept * facts_.tokens_per_step();
  }
  kept += pending;
  tokens += pending * facts_.tokens_per_step();
  const bool window_full = settings_.window_episodes > 0 && kept >= kept_capacity_;
  const bool context_full = !settings_.slides && !settings_.recomputes &&
                            facts_.memory_tokens == 0 && engine_->layers().grows() &&
                            tokens + facts_.tokens_per_step() > settings_.room.tokens;
  if (!window_full && !context_full) return LONGPLAY_OK;
  return Wrong(LONGPLAY_CONTEXT_FULL,
               "acting: context_steps: expected room for another step, chain %lld has its %lld: "
               "start it anew, or open the policy with more",
               static_cast<long long>(i), static_cast<long long>(settings_.context_steps));
}

bool ActingPolicy::StartChangesContext(int64_t i) const {
  const ActingChain& own = chain(i);
  return (own.started != 0 && settings_.forgets_episodes) ||
         (settings_.window_episodes > 0 && own.kept_episodes == settings_.window_episodes);
}

void ActingPolicy::BeginEpisode(ActingChain& chain) {
  if (chain.started != 0 && settings_.forgets_episodes) {
    engine_->Forget(chain);
    chain.kept_steps = 0;
  }
  writer_.StartEpisode(chain);
  if (settings_.window_episodes == 0) return;
  if (chain.kept_episodes == settings_.window_episodes) DropOldestEpisode(chain);
  chain.lengths[chain.kept_episodes++] = 0;
}

/// No mixer can take its beginning back: the other episodes are read anew into an empty context.
void ActingPolicy::DropOldestEpisode(ActingChain& chain) {
  const StepLayout& layout = writer_.layout();
  const int64_t dropped = chain.lengths[0];
  chain.kept_steps -= dropped;
  --chain.kept_episodes;
  --chain.episode;
  MoveSteps(layout, chain.kept, dropped, chain.kept, 0, chain.kept_steps);
  std::copy_n(chain.lengths + 1, chain.kept_episodes, chain.lengths);
  for (int64_t t = 0; t < chain.kept_steps; ++t) --chain.kept.places[2 * t + 1];
  engine_->Forget(chain);
  if (chain.kept_steps == 0) return;
  // Nothing stands before a chain's first step, whatever the boundary between episodes is.
  std::fill_n(chain.kept.numbers, layout.to_go(), 0.0F);
  engine_->FeedAll(*settings_.kernels, chain, chain.kept, chain.kept_steps, nullptr);
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

/// Steps that will be read again; of a window of steps the oldest make room.
void ActingPolicy::Keep(ActingChain& chain, const StepStore& steps, int64_t count) {
  const StepLayout& layout = writer_.layout();
  if (settings_.recomputes) {
    const int64_t skipped = std::max<int64_t>(0, count - kept_capacity_);
    const int64_t over = chain.kept_steps + count - skipped - kept_capacity_;
    if (over > 0) {
      MoveSteps(layout, chain.kept, over, chain.kept, 0, chain.kept_steps - over);
      chain.kept_steps -= over;
    }
    MoveSteps(layout, steps, skipped, chain.kept, chain.kept_steps, count - skipped);
    chain.kept_steps += count - skipped;
    return;
  }
  MoveSteps(layout, steps, 0, chain.kept, chain.kept_steps, count);
  chain.kept_steps += count;
  // Steps of several episodes tell by themselves where one begins.
  for (int64_t t = 0; t < count; ++t) ++chain.lengths[steps.places[2 * t + 1]];
}

void ActingPolicy::Feed(const StepEngine::StepSpan* spans, int64_t count) {
  if (kept_capacity_ > 0) {
    for (int64_t i = 0; i < count; ++i) Keep(*spans[i].chain, spans[i].steps, spans[i].count);
  }
  if (!settings_.recomputes) {
    engine_->Feed(*settings_.kernels, spans, count);
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    ActingChain& chain = *spans[i].chain;
    engine_->Forget(chain);
    if (spans[i].output == nullptr) continue;  // computed when a decision asks for it
    engine_->FeedAll(*settings_.kernels, chain, chain.kept, chain.kept_steps, spans[i].output);
  }
}

/// One step of each live chain, as many chains at once as there are rows.
void ActingPolicy::FeedLive(int64_t live, bool asks) {
  for (int64_t k = 0; k < live; ++k) {
    spans_[k] = {&chain(live_[k]), steps_.From(writer_.layout(), live_[k]), 1,
                 asks ? outputs_ + live_[k] * facts_.outputs() : nullptr};
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
    ActingChain& own = chain(i);
    if (taken != nullptr) {
      Take(i, taken + i * C);
      continue;
    }
    // The policy sees its own choice next, before it was put into the task's units.
    ChooseFromHead(facts_, outputs_ + i * facts_.outputs(), {samples_, seed_, i, own.decisions},
                   own.last_action);
    writer_.ToTask(own.last_action, actions + i * C);
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

bool ActingPolicy::recurrent() const {
  return actor_ != nullptr || facts_.memory_tokens > 0 ||
         std::none_of(facts_.layers.begin(), facts_.layers.end(), [](const LayerFacts& layer) {
           return layer.mixer == ActingMixerKind::kAttention ||
                  layer.mixer == ActingMixerKind::kSelective;
         });
}

int64_t ActingPolicy::tokens_held() const {
  int64_t sum = 0;
  for (const ActingChain& chain : chains_) sum += std::min(chain.seen, settings_.room.tokens);
  return sum;
}

int64_t ActingPolicy::steps_done() const {
  int64_t sum = 0;
  for (const ActingChain& chain : chains_) sum += chain.decisions;
  return sum;
}

}  // namespace longplay::runtime
