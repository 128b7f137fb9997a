// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "agent/collect_work/explorer.h"
#include "datasets/episode.h"
#include "env/environment.h"

namespace longplay {

/// What a player would have done at each step of recorded episodes that is told what is hidden from
/// who played them: DPT's labels (arXiv 2306.14892).
class OracleLabels {
 public:
  /// The player is `oracle`, which is told by `environment`; that has one simulation, which is used
  /// up, and must outlive this.
  OracleLabels(Environment& environment, std::unique_ptr<Explorer> oracle);

  /// [N] numbers of discrete actions, [N, A] of continuous ones. `seed` is the one that the
  /// episode's history was begun with; the episodes of a history come in order.
  InfoArray Of(const Episode& episode, uint64_t seed);

 private:
  Environment& environment_;
  std::unique_ptr<Explorer> oracle_;
  std::optional<uint64_t> seed_;  // of the history before
};

}  // namespace longplay
