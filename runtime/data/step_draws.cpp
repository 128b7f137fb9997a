// SPDX-License-Identifier: MIT
#include "runtime/data/step_draws.h"

#include <stdexcept>
#include <string>

namespace longplay {

std::vector<ChainWindow> StepDraws::Draw(int64_t step) {
  if (step < 0) {
    throw std::invalid_argument("sampling chains: step: expected 0 or more, got " +
                                std::to_string(step));
  }
  if (step < next_) {
    random_.seed(seed_);
    next_ = 0;
  }
  for (; next_ < step; ++next_) source_.Draw(random_);
  std::vector<ChainWindow> drawn = source_.Draw(random_);
  ++next_;
  return drawn;
}

}  // namespace longplay
