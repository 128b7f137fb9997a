// SPDX-License-Identifier: MIT
// What the chains of a policy remember: room, windows, and what goes into contexts.
#include <algorithm>

#include "runtime/acting/policy.h"

namespace longplay::runtime {

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
  engine_->FeedAll(*settings_.kernels, {&chain, chain.kept, chain.kept_steps, nullptr});
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
    engine_->FeedAll(*settings_.kernels,
                     {&chain, chain.kept, chain.kept_steps, spans[i].output, spans[i].features});
  }
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
