// SPDX-License-Identifier: MIT
#include "agent/explorers/oracle_labels.h"

#include <span>
#include <utility>

namespace longplay {

OracleLabels::OracleLabels(Environment& environment, std::unique_ptr<Explorer> oracle)
    : environment_(environment), oracle_(std::move(oracle)) {}

InfoArray OracleLabels::Of(const Episode& episode, uint64_t seed) {
  // The seed alone says what is hidden.
  if (seed_ != seed) {
    environment_.StartChain(0, seed);
    oracle_->StartHistory(0, seed);
    seed_ = seed;
  }
  const EnvironmentSpec& spec = environment_.spec();
  InfoArray labels;
  if (spec.action_space == ActionSpace::kDiscrete) {
    labels.type = "int64";
  } else {
    labels.row_shape = {spec.action_size};
  }
  const int64_t columns = spec.action_columns(), seen = episode.observation_size;
  labels.values.resize(episode.length() * columns);
  const std::span observations(episode.observations);
  oracle_->StartEpisode(0);
  for (int64_t t = 0; t < episode.length(); ++t) {
    // It sees what happened, and is not asked whether it would have come to that.
    oracle_->Act(0, observations.subspan(t * seen, seen),
                 std::span(labels.values).subspan(t * columns, columns));
    oracle_->See(0, observations.subspan((t + 1) * seen, seen), episode.rewards[t]);
  }
  return labels;
}

}  // namespace longplay
