// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "env/environment_spec.h"
#include "env/random_generator.h"

namespace longplay {

// Families of 50 numbered tasks: every tenth (numbers 4, 14, ... 44) is held out, which leaves 45
// for training, as many as in Meta-DT (arXiv 2410.11448).
constexpr int64_t kNumberedTasks = 50;

inline bool IsHeldOut(int64_t number) { return number % 10 == 4; }

/// One of the set's tasks, uniformly.
inline int64_t DrawTaskNumber(ParameterSet set, RandomGenerator& random) {
  int64_t number = 0;
  do {
    number = random.Index(kNumberedTasks);
  } while (IsHeldOut(number) != (set == ParameterSet::kHeldOut));
  return number;
}

}  // namespace longplay
