// SPDX-License-Identifier: MIT
#include "agent/summary/digits.h"

#include <algorithm>
#include <cmath>

#include "agent/charts/shown_text.h"

namespace longplay {

Digits::Digits(double largest)
    : decimals_(largest > 0
                    ? std::clamp(2 - static_cast<int>(std::floor(std::log10(largest))), 0, 5)
                    : 2) {}

std::string Digits::Of(double value) const { return FormatFixed(value, decimals_); }

std::string Digits::Signed(double value) const {
  const std::string text = Of(value);
  // What rounds to zero has no sign.
  const bool positive = value > 0 && text.find_first_of("123456789") != std::string::npos;
  return positive ? "+" + text : text;
}

std::string Digits::Of(const Estimate& estimate) const {
  return Of(estimate.value) + BoundsOf(estimate);
}

std::string Digits::Of(const std::optional<Estimate>& estimate) const {
  return estimate ? Of(*estimate) : "–";
}

std::string Digits::BoundsOf(const Estimate& estimate) const {
  switch (estimate.spread) {
    case Spread::kNone:
      return "";
    case Spread::kRange:
      return " (" + Of(estimate.low) + " to " + Of(estimate.high) + ")";
    case Spread::kInterval:
      return " [" + Of(estimate.low) + ", " + Of(estimate.high) + "]";
  }
  return "";
}

}  // namespace longplay
