// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

enum class Sigmoid {
  kGaussian,
  kHyperbolic,
  kLongTail,
  kLinear,
  kQuadratic,
  kTanhSquared,
  kCosine
};

struct ToleranceOptions {
  double lower = 0, upper = 0;   // inside these bounds the value is 1
  double margin = 0;             // distance from them at which the value is value_at_margin
  double value_at_margin = 0.1;  // 0 is allowed for kLinear, kQuadratic and kCosine only
  Sigmoid sigmoid = Sigmoid::kGaussian;
};

/// 1 inside the bounds, falling to 0 outside; without a margin it falls at once.
/// Source: dm_control/utils/rewards.py, version 1.0.50.
double Tolerance(double x, const ToleranceOptions& options);

}  // namespace longplay
