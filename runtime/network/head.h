// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "runtime/files/policy_facts.h"

namespace longplay::runtime {

/// Which noise a draw takes: the same for a place whatever else is drawn
/// (model/tensors/keyed_noise.h).
struct DrawPlace {
  bool samples = false;  // else the mean, and nothing else here is read
  uint64_t seed = 0;
  int64_t chain = 0, decision = 0;  // numbers of both; decisions count from 1
  int64_t sample = -1;              // of several at this place; -1 = there is one alone
};

/// Gumbel(0, 1) of a place.
double GumbelOf(const DrawPlace& place);

/// [A] the action in the policy's units, inside [-1, 1] or one-hot, from the head's output [P].
void ChooseFromHead(const PolicyFacts& facts, const float* output, const DrawPlace& place,
                    float* action);

}  // namespace longplay::runtime
