// SPDX-License-Identifier: MIT
#include "datasets/chains/chain_batches.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "datasets/chains/fill_batch.h"

namespace longplay {

ChainBatches::ChainBatches(const EpisodeSet& set, const Normalizer& normalizer,
                           const ChainOptions& options, int64_t chains, const BatchParts& parts)
    : set_(set),
      normalizer_(normalizer),
      options_(options),
      chains_(chains),
      parts_(parts),
      sampler_(set, options) {
  const DatasetInfo& info = set.info();
  const bool pairs = info.observation_size % 2 == 0 && info.action_size % 2 == 0 &&
                     info.action_kind == ActionKind::kContinuous;
  if (options.symmetry == ChainSymmetry::kNone || pairs) return;
  throw std::invalid_argument("sampling chains: chain.symmetry: expected none for " + info.path +
                              ", whose observations and actions are no pairs (x, y)");
}

std::vector<ChainWindow> ChainBatches::Draw(std::mt19937_64& random) const {
  // All chains, then all windows: a seed stands for draws in this order.
  std::vector<Chain> chains;
  for (int64_t i = 0; i < chains_; ++i) chains.push_back(sampler_.Sample(random));
  std::vector<ChainWindow> drawn;
  drawn.reserve(chains.size());
  for (Chain& chain : chains) {
    drawn.push_back(DrawWindow(set_, std::move(chain), options_.window, random));
  }
  // Maps after both, and nothing is drawn for them where there are none.
  if (options_.random_maps > 0) {
    for (ChainWindow& window : drawn) {
      const double share = std::uniform_real_distribution<double>(0, 1)(random);
      const uint64_t map = random();
      if (share < options_.random_maps) window.map = std::max<uint64_t>(map, 1);
    }
  }
  // Likewise turns.
  if (options_.symmetry != ChainSymmetry::kNone) {
    for (ChainWindow& window : drawn) window.turn = std::max<uint64_t>(random(), 1);
  }
  return drawn;
}

int64_t ChainBatches::StepsInLoss(const ChainWindow& window) const {
  if (options_.loss == ChainLoss::kAllEpisodes) return window.length;
  // The last episode alone: what the window holds of it.
  int64_t before = 0;
  for (size_t e = 0; e + 1 < window.chain.episodes.size(); ++e) {
    before += set_.length(window.chain.episodes[e]);
  }
  return std::max<int64_t>(0, window.first + window.length - std::max(window.first, before));
}

void ChainBatches::Load(std::span<const ChainWindow> drawn, Batch& batch) const {
  FillBatch(set_, normalizer_, drawn, options_, parts_, batch);
}

}  // namespace longplay
