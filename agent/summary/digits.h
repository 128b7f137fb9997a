// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "agent/scores/statistics.h"

namespace longplay {

/// Estimates of one size in equally many digits: three of the largest, so that columns can be read
/// down.
class Digits {
 public:
  explicit Digits(double largest);

  std::string Of(double value) const;
  /// With its sign, also a plus.
  std::string Signed(double value) const;
  /// "12.3 [11.0, 13.1]" with an interval, "12.3 (11.0 to 13.1)" with a range, "12.3" of one value.
  std::string Of(const Estimate& estimate) const;
  /// "–" for none.
  std::string Of(const std::optional<Estimate>& estimate) const;
  /// The bounds alone, with a space before; empty of one value.
  std::string BoundsOf(const Estimate& estimate) const;

 private:
  int decimals_;
};

}  // namespace longplay
