// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "runtime/acting/policy.h"

namespace longplay::runtime {

/// What it costs on this machine to read steps in: measured for some numbers of chains and of steps
/// of each, with empty contexts and half full ones, and interpolated between.
class BatchCosts {
 public:
  /// Runs the policy's chains, which begin anew behind it. Takes a fraction of a second.
  void Measure(ActingPolicy& policy);

  /// [s] of `steps` steps (a fraction may be left of a table's step) of each of `chains` chains
  /// whose contexts hold `tokens`.
  double Of(int64_t chains, int64_t steps, int64_t tokens) const;

 private:
  static constexpr int kSizes = 8;                               // 1, 2, 4 .. 128
  using Table = std::array<std::array<double, kSizes>, kSizes>;  // [chains][steps] by powers of 2

  void MeasureTable(ActingPolicy& policy, int64_t tokens, Table& table) const;
  static double Look(const Table& table, int64_t chains, int64_t steps);

  Table empty_{}, filled_{};
  int64_t filled_tokens_ = 0;
};

}  // namespace longplay::runtime
