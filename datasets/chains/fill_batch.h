// SPDX-License-Identifier: MIT
#pragma once

#include <random>
#include <span>
#include <vector>

#include "datasets/chains/batch.h"
#include "datasets/chains/chain.h"
#include "datasets/store/episode_set.h"
#include "datasets/store/normalizer.h"

namespace longplay {

/// Lays windows of chains out as one batch, in the memory that `batch` has already.
void FillBatch(const EpisodeSet& set, const Normalizer& normalizer,
               std::span<const ChainWindow> windows, const ChainOptions& options,
               const BatchParts& parts, Batch& batch);

/// Whole chains, or windows of options.window steps that `random` picks, in a new batch that owns
/// its numbers: row b is of chains[b], or, with ChainRows::kPacked, one row holds them all. Chains
/// are of this set, the normaliser is EpisodeSet::ComputeNormalizer's or a policy's.
Batch MakeBatch(const EpisodeSet& set, const Normalizer& normalizer,
                const std::vector<Chain>& chains, const ChainOptions& options,
                std::mt19937_64& random, const BatchParts& parts = {});

}  // namespace longplay
