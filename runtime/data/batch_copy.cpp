// SPDX-License-Identifier: MIT
#include "runtime/data/batch_copy.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace longplay {
namespace {

template <typename Value>
Value* Lend(std::vector<Value>& values) {
  return values.empty() ? nullptr : values.data();
}

/// Rows of `width` numbers a step: B of N here, room for more there.
class RowCopy {
 public:
  RowCopy(const longplay_batch_arrays_of& from, const longplay_batch_arrays_of& to)
      : from_(from), to_(to) {}

  template <typename Value>
  void operator()(const Value* from, Value* to, int64_t width, const char* name) const {
    if (to == nullptr) return;
    if (from == nullptr) {
      throw std::invalid_argument(std::string("copying a batch: ") + name +
                                  ": this batch has none, expected NULL");
    }
    const int64_t row = from_.steps * width, room = to_.steps * width;
    for (int64_t b = 0; b < to_.chains; ++b) {
      Value* place = to + b * room;
      const int64_t copied = b < from_.chains ? row : 0;
      std::copy_n(from + (copied == 0 ? 0 : b * row), copied, place);
      std::fill(place + copied, place + room, Value{0});
    }
  }

 private:
  const longplay_batch_arrays_of &from_, &to_;
};

}  // namespace

longplay_batch_arrays_of LendArrays(Batch& batch) {
  return {.chains = batch.chains,
          .steps = batch.steps,
          .returns = Lend(batch.rows.returns),
          .observations = Lend(batch.rows.observations),
          .previous_actions = Lend(batch.rows.previous_actions),
          .previous_rewards = Lend(batch.rows.previous_rewards),
          .previous_completions = Lend(batch.rows.previous_completions),
          .episode_steps = Lend(batch.rows.episode_steps),
          .episodes = Lend(batch.rows.episodes),
          .actions = Lend(batch.target_actions),
          .valid = Lend(batch.valid),
          .in_loss = Lend(batch.in_loss),
          .segments = Lend(batch.segments),
          .rewards = Lend(batch.rewards),
          .ends = Lend(batch.ends),
          .cuts = Lend(batch.cuts),
          .next_observations = Lend(batch.next_observations),
          .next_known = Lend(batch.next_known)};
}

void CopyArrays(const longplay_batch_arrays_of& from, int64_t observation_size, int64_t action_size,
                const longplay_batch_arrays_of& to) {
  if (to.chains < from.chains || to.steps < from.steps) {
    throw std::invalid_argument("copying a batch: expected room for " +
                                std::to_string(from.chains) + " chains of " +
                                std::to_string(from.steps) + " steps, got " +
                                std::to_string(to.chains) + " of " + std::to_string(to.steps));
  }
  const RowCopy copy(from, to);
  copy(from.returns, to.returns, 1, "returns");
  copy(from.observations, to.observations, observation_size, "observations");
  copy(from.previous_actions, to.previous_actions, action_size, "previous_actions");
  copy(from.previous_rewards, to.previous_rewards, 1, "previous_rewards");
  copy(from.previous_completions, to.previous_completions, 1, "previous_completions");
  copy(from.episode_steps, to.episode_steps, 1, "episode_steps");
  copy(from.episodes, to.episodes, 1, "episodes");
  copy(from.actions, to.actions, action_size, "actions");
  copy(from.valid, to.valid, 1, "valid");
  copy(from.in_loss, to.in_loss, 1, "in_loss");
  copy(from.segments, to.segments, 1, "segments");
  copy(from.rewards, to.rewards, 1, "rewards");
  copy(from.ends, to.ends, 1, "ends");
  copy(from.cuts, to.cuts, 1, "cuts");
  copy(from.next_observations, to.next_observations, observation_size, "next_observations");
  copy(from.next_known, to.next_known, 1, "next_known");
}

}  // namespace longplay
