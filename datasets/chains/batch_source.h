// SPDX-License-Identifier: MIT
#pragma once

#include <random>
#include <span>
#include <vector>

#include "datasets/chains/batch.h"
#include "datasets/chains/chain.h"

namespace longplay {

/// Where a learner's batches come from. Drawing is small and in order; what was drawn is loaded
/// afterwards, whole or in parts, anywhere.
class BatchSource {
 public:
  BatchSource() = default;
  BatchSource(const BatchSource&) = delete;
  BatchSource& operator=(const BatchSource&) = delete;
  virtual ~BatchSource() = default;

  /// What one optimiser step sees: a function of the generator alone.
  virtual std::vector<ChainWindow> Draw(std::mt19937_64& random) const = 0;

  /// Lays some of it out, in the memory that `batch` has already. May be called from any thread.
  virtual void Load(std::span<const ChainWindow> drawn, Batch& batch) const = 0;

  /// Steps of a window that count in the loss: known before anything of it is loaded.
  virtual int64_t StepsInLoss(const ChainWindow& window) const { return window.length; }

  /// Whether a batch has one row for all its windows, without padding.
  virtual bool packed() const { return false; }
};

}  // namespace longplay
