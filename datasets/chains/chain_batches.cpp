// SPDX-License-Identifier: MIT
#include "datasets/chains/chain_batches.h"

#include <utility>

#include "datasets/chains/fill_batch.h"

namespace longplay {

ChainBatches::ChainBatches(const TrajectorySet& set, const Normalizer& normalizer,
                           const ChainOptions& options, int64_t chains, const BatchParts& parts)
    : set_(set),
      normalizer_(normalizer),
      options_(options),
      chains_(chains),
      parts_(parts),
      sampler_(set, options) {}

std::vector<ChainStretch> ChainBatches::Draw(std::mt19937_64& random) const {
  std::vector<TrajectoryChain> chains;
  for (int64_t i = 0; i < chains_; ++i) chains.push_back(sampler_.Sample(random));
  std::vector<ChainStretch> drawn;
  drawn.reserve(chains.size());
  for (TrajectoryChain& chain : chains) {
    drawn.push_back(DrawStretch(set_, std::move(chain), options_.window, random));
  }
  return drawn;
}

void ChainBatches::Load(std::span<const ChainStretch> drawn, Batch& batch) const {
  FillBatch(set_, normalizer_, drawn, options_, parts_, batch);
}

}  // namespace longplay
