// SPDX-License-Identifier: MIT
// How a policy chooses from its head's output: means, draws, the best of several draws.
#include <algorithm>

#include "runtime/acting/policy.h"

namespace longplay::runtime {

/// The running decision of a chain, from the head's output and what a policy does with it.
void ActingPolicy::Choose(int64_t i) {
  ActingChain& own = chain(i);
  // Decisions count from 1; all of draw_every in a row have the first one's random numbers.
  const int64_t drawn = own.decisions - (own.decisions - 1) % settings_.draw_every;
  const DrawPlace place{act_ != LONGPLAY_ACT_MEAN, seed_, i, drawn};
  if (act_ == LONGPLAY_ACT_BEST_OF) return ChooseBest(i, place, own.last_action);
  ChooseFromHead(facts_, outputs_ + i * facts_.outputs(), place, own.last_action);
}

/// Of best_of samples the first that the critics value most. With a temperature each value has
/// Gumbel noise of that size: the largest sum is a draw from the softmax of value / temperature.
void ActingPolicy::ChooseBest(int64_t i, DrawPlace place, float* action) {
  const int64_t A = facts_.action_size, N = settings_.best_of;
  float values[ActionValueHeads::kActionsAtOnce], most = 0;
  for (int64_t first = 0; first < N; first += ActionValueHeads::kActionsAtOnce) {
    const int64_t n = std::min(ActionValueHeads::kActionsAtOnce, N - first);
    for (int64_t k = 0; k < n; ++k) {
      place.sample = first + k;
      ChooseFromHead(facts_, outputs_ + i * facts_.outputs(), place, values_->action(k));
    }
    values_->Rate(*settings_.kernels, features_ + i * facts_.width, n, values);
    for (int64_t k = 0; k < n; ++k) {
      if (settings_.value_noise > 0) {
        place.sample = N + first + k;  // behind the samples' own places
        values[k] += static_cast<float>(settings_.value_noise * GumbelOf(place));
      }
      if (first + k > 0 && values[k] <= most) continue;
      most = values[k];
      std::copy_n(values_->action(k), A, action);
    }
  }
}

}  // namespace longplay::runtime
