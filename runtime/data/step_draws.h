// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "datasets/chains/batch_source.h"

namespace longplay {

/// What a seed draws for each step, whichever is asked for: as a training that starts with this seed
/// draws, one step after another. A later step costs the draws before it, an earlier one all again.
class StepDraws {
 public:
  /// The source must outlive the draws.
  StepDraws(const BatchSource& source, uint64_t seed)
      : source_(source), seed_(seed), random_(seed) {}

  /// Step 0, 1, ...
  std::vector<ChainWindow> Draw(int64_t step);

 private:
  const BatchSource& source_;
  uint64_t seed_;
  std::mt19937_64 random_;
  int64_t next_ = 0;  // the step that random_ draws next
};

}  // namespace longplay
