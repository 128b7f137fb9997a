// SPDX-License-Identifier: MIT
#include "datasets/chains/transition_batches.h"

#include <algorithm>
#include <stdexcept>

#include "datasets/chains/step_outcomes.h"

namespace longplay {

TransitionBatches::TransitionBatches(const EpisodeSet& set, const Normalizer& normalizer,
                                     int64_t count)
    : set_(set),
      count_(count),
      observation_map_(AffineMap::OfObservations(normalizer, set.observation_offset())),
      action_map_(AffineMap::OfActions(normalizer)) {
  // A last step counts when what followed is known: a real end, or a final observation.
  int64_t end = 0;
  for (int64_t e = 0; e < set.episodes(); ++e) {
    const bool last_counts = set.terminated(e) || !set.final_observation(e).empty();
    end += set.length(e) - (last_counts ? 0 : 1);
    ends_.push_back(end);
  }
  if (end == 0) {
    throw std::invalid_argument("sampling transitions: " + set.info().path +
                                ": expected steps with what followed them, got none");
  }
}

ChainWindow TransitionBatches::Step(int64_t index) const {
  // Transitions are numbered through all episodes.
  const int64_t e = std::ranges::upper_bound(ends_, index) - ends_.begin();
  return {.chain = {.episodes = {e}, .targets = {}},
          .first = index - (e == 0 ? 0 : ends_[e - 1]),
          .length = 1};
}

std::vector<ChainWindow> TransitionBatches::Draw(std::mt19937_64& random) const {
  std::uniform_int_distribution<int64_t> draw(0, size() - 1);
  std::vector<ChainWindow> drawn;
  drawn.reserve(count_);
  for (int64_t row = 0; row < count_; ++row) drawn.push_back(Step(draw(random)));
  return drawn;
}

void TransitionBatches::Load(std::span<const ChainWindow> drawn, Batch& batch) const {
  const auto count = static_cast<int64_t>(drawn.size());
  const int64_t observation_size = observation_map_.size(), action_size = action_map_.size();
  // A transition is a chain of one step: no targets, no tokens, no padding.
  batch.chains = count;
  batch.steps = 1;
  batch.rows.observation_size = observation_size;
  batch.rows.action_size = action_size;
  batch.rows.observations.resize(count * observation_size);
  batch.target_actions.resize(count * action_size);
  batch.valid.assign(count, 1);
  batch.in_loss.assign(count, 1);
  ResizeOutcomes(batch, count, observation_size);
  for (int64_t row = 0; row < count; ++row) {
    const int64_t episode = drawn[row].chain.episodes.front(), t = drawn[row].first;
    observation_map_(set_.observations(episode).data() + t * observation_size,
                     batch.rows.observations.data() + row * observation_size);
    action_map_(set_.actions(episode).data() + t * action_size,
                batch.target_actions.data() + row * action_size);
    WriteOutcome(set_, episode, t, observation_map_, row, batch);
  }
}

}  // namespace longplay
