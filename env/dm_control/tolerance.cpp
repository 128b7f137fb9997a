// SPDX-License-Identifier: MIT
#include "env/dm_control/tolerance.h"

#include <cmath>
#include <numbers>

namespace longplay {
namespace {

/// rewards.py's _sigmoids: 1 at x = 0 and value_at_1 at x = 1.
double Evaluate(Sigmoid sigmoid, double x, double value_at_1) {
  switch (sigmoid) {
    case Sigmoid::kGaussian: {
      const double scaled = x * std::sqrt(-2 * std::log(value_at_1));
      return std::exp(-0.5 * (scaled * scaled));
    }
    case Sigmoid::kHyperbolic:
      return 1 / std::cosh(x * std::acosh(1 / value_at_1));
    case Sigmoid::kLongTail: {
      const double scaled = x * std::sqrt(1 / value_at_1 - 1);
      return 1 / (scaled * scaled + 1);
    }
    case Sigmoid::kLinear: {
      const double scaled = x * (1 - value_at_1);
      return std::abs(scaled) < 1 ? 1 - scaled : 0;
    }
    case Sigmoid::kQuadratic: {
      const double scaled = x * std::sqrt(1 - value_at_1);
      return std::abs(scaled) < 1 ? 1 - scaled * scaled : 0;
    }
    case Sigmoid::kTanhSquared: {
      const double tanh = std::tanh(x * std::atanh(std::sqrt(1 - value_at_1)));
      return 1 - tanh * tanh;
    }
    case Sigmoid::kCosine: {
      const double scaled = x * (std::acos(2 * value_at_1 - 1) / std::numbers::pi);
      return std::abs(scaled) < 1 ? (1 + std::cos(std::numbers::pi * scaled)) / 2 : 0;
    }
  }
  return 0;
}

}  // namespace

double Tolerance(double x, const ToleranceOptions& options) {
  if (options.lower <= x && x <= options.upper) return 1;
  if (options.margin == 0) return 0;
  const double distance = x < options.lower ? options.lower - x : x - options.upper;
  return Evaluate(options.sigmoid, distance / options.margin, options.value_at_margin);
}

}  // namespace longplay
