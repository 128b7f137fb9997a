// SPDX-License-Identifier: MIT
#include "agent/runs/scored_episode.h"

#include <algorithm>

#include "agent/runs/policy_record.h"

namespace longplay {
namespace {

/// Whether even the last episode shows the policy no more context than training did.
bool StaysWithinTraining(const RunOptions& options) {
  const TrainedRange trained = TrainedRangeOf(options);
  const EvaluateOptions& evaluate = options.evaluate;
  const int64_t window = evaluate.window > 0 ? evaluate.window : options.chain.window;
  return PlaysEpisodesApart(options) || (window > 0 && window <= trained.context_steps) ||
         (evaluate.window_episodes > 0 && evaluate.window_episodes <= trained.episodes);
}

}  // namespace

int64_t ScoredEpisode(const RunOptions& options) {
  // Without a simulator chains are as in training.
  if (options.evaluate.environment.empty()) return options.chain.episodes;
  if (StaysWithinTraining(options)) return options.evaluate.episodes;
  return std::min(options.chain.episodes, options.evaluate.episodes);
}

bool PlaysEpisodesApart(const RunOptions& options) {
  if (options.evaluate.environment.empty()) return false;
  if (EntryOf(options.train.method).acts_with == ActsWith::kActor) return true;
  if (options.model.episode_context == EpisodeContext::kReset) return true;
  if (options.evaluate.context == ContextUse::kAuto) return options.chain.episodes == 1;
  return options.evaluate.context == ContextUse::kOneEpisode;
}

}  // namespace longplay
