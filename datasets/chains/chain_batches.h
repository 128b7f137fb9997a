// SPDX-License-Identifier: MIT
#pragma once

#include <random>
#include <span>
#include <vector>

#include "datasets/chains/batch_source.h"

namespace longplay {

/// Chains for sequence models.
class ChainBatches : public BatchSource {
 public:
  /// Set and normaliser must outlive the source. `chains` to an optimiser step. Throws as
  /// ChainSampler.
  ChainBatches(const EpisodeSet& set, const Normalizer& normalizer, const ChainOptions& options,
               int64_t chains, const BatchParts& parts = {});

  std::vector<ChainWindow> Draw(std::mt19937_64& random) const override;
  void Load(std::span<const ChainWindow> drawn, Batch& batch) const override;
  int64_t StepsInLoss(const ChainWindow& window) const override;
  bool packed() const override { return options_.rows == ChainRows::kPacked; }

 private:
  const EpisodeSet& set_;
  const Normalizer& normalizer_;
  ChainOptions options_;
  int64_t chains_;
  BatchParts parts_;
  ChainSampler sampler_;
};

}  // namespace longplay
