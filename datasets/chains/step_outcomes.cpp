// SPDX-License-Identifier: MIT
#include "datasets/chains/step_outcomes.h"

#include <span>

namespace longplay {

void ResizeOutcomes(Batch& batch, int64_t rows, int64_t observation_size) {
  batch.rewards.resize(rows);
  batch.ends.resize(rows);
  batch.cuts.resize(rows);
  batch.next_known.resize(rows);
  batch.next_observations.resize(rows * observation_size);
}

void WriteOutcome(const EpisodeSet& set, int64_t episode, int64_t t,
                  const AffineMap& observation_map, int64_t row, Batch& batch) {
  const int64_t size = observation_map.size();
  const std::span<const float> final_observation = set.final_observation(episode);
  const bool last = t + 1 == set.length(episode);
  const bool ended = last && set.terminated(episode);
  const bool recorded = !last || !final_observation.empty();
  // Where nothing was recorded the row's own observation fills the place.
  const float* observation = set.observations(episode).data() + t * size;
  const float* after = last ? final_observation.data() : observation + size;
  observation_map(recorded ? after : observation, batch.next_observations.data() + row * size);
  batch.rewards[row] = set.rewards(episode)[t];
  batch.ends[row] = ended ? 1.0F : 0.0F;
  batch.cuts[row] = last && !ended ? 1.0F : 0.0F;
  // At a real end nothing beyond counts, so that nothing is unknown.
  batch.next_known[row] = recorded || ended ? 1 : 0;
}

}  // namespace longplay
