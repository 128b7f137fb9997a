// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>

#include "runtime/mixers/arena.h"

namespace longplay::runtime {

/// Time steps as the policy sees them, in its units: what stands in a row, in this order.
struct StepLayout {
  int64_t action_size = 0, observation_size = 0;  // A, O

  int64_t action() const { return 0; }                    // [A] of the step before
  int64_t reward() const { return action_size; }          // of the step before
  int64_t completion() const { return action_size + 1; }  // 1 = the step before reached the target
  int64_t to_go() const { return action_size + 2; }       // return still to come
  int64_t observation() const { return action_size + 3; }
  int64_t stride() const { return action_size + 3 + observation_size; }
};

/// Rows of steps and their places.
struct StepStore {
  float* numbers = nullptr;   // [rows, stride]
  int64_t* places = nullptr;  // [rows, 2]: the step in its episode, the episode in its chain

  static StepStore Take(Arena& arena, const StepLayout& layout, int64_t rows) {
    float* const numbers = arena.Take<float>(rows * layout.stride());
    return {numbers, arena.Take<int64_t>(rows * 2)};
  }
  StepStore From(const StepLayout& layout, int64_t row) const {
    return {numbers + row * layout.stride(), places + row * 2};
  }
};

/// `count` rows from row `from` of one store to row `to` of another, which may be the same.
inline void MoveSteps(const StepLayout& layout, const StepStore& source, int64_t from,
                      const StepStore& target, int64_t to, int64_t count) {
  const auto stride = static_cast<size_t>(layout.stride()), n = static_cast<size_t>(count);
  std::memmove(target.numbers + to * layout.stride(), source.numbers + from * layout.stride(),
               n * stride * sizeof(float));
  std::memmove(target.places + to * 2, source.places + from * 2, n * 2 * sizeof(int64_t));
}

}  // namespace longplay::runtime
