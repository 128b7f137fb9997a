// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "agent/acting/policy.h"
#include "agent/acting/rollout.h"
#include "agent/config/context_use.h"
#include "env/environment.h"

namespace longplay {

/// What a roll-out of B chains showed and what was done, one record for each episode.
class PlayedEpisodes {
 public:
  struct Episode {
    std::vector<double> observations;  // [N, O] before each decision
    std::vector<double> actions;       // [N, A]; discrete: [N]
    std::vector<double> rewards;       // [N]; of a chain's last episode the last one is not seen
  };

  explicit PlayedEpisodes(int64_t chains) : chains_(chains) {}

  /// To be called with what a policy was shown and what it decided, after every decision.
  void Add(const RolloutView& view, std::span<const double> actions);

  /// [B][E], in the order in which they were played.
  const std::vector<std::vector<Episode>>& chains() const { return chains_; }

 private:
  std::vector<std::vector<Episode>> chains_;
};

/// [B][E - 1] which episodes (chain, episode) stand before the last one of each chain.
using Arrangement = std::vector<std::vector<std::pair<int64_t, int64_t>>>;

/// kAsPlayed: a chain's own as they were. kSorted: its own, ascending by return. kAnotherTask:
/// those of the next chain whose hidden parameter differs, as played. Throws std::invalid_argument
/// where there is no such chain.
Arrangement Arrange(LastContext wanted, const RolloutResult& played,
                    const Environment& environment);

/// Shows `policy`, which is new, the arranged episodes and plays every chain's last episode after
/// them, from the same seeds as in `options` and with the same draws of sampled actions. All
/// arranged episodes must be of one length: chains stand at the same time then. Throws
/// std::invalid_argument otherwise.
std::vector<EpisodeResult> PlayLastEpisodes(Environment& environment, Policy& policy,
                                            const PlayedEpisodes& played, const Arrangement& before,
                                            const RolloutOptions& options);

}  // namespace longplay
