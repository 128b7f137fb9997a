// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace longplay {

/// Whether an axis can show the value: finite, within ±1e250 and, if log, above 1e-250 (beyond,
/// arithmetic on coordinates would overflow).
bool FitsAxis(double value, bool log);

/// Where values lie along one side of a chart.
struct Axis {
  double low = 0, high = 1;  // low < high; both positive if log
  bool log = false;
  std::vector<double> ticks;        // ascending, within [low, high]
  std::vector<std::string> labels;  // of the ticks

  bool CanShow(double value) const { return FitsAxis(value, log); }
  /// 0 at low, 1 at high.
  double Fraction(double value) const;
};

struct AxisOptions {
  bool log = false;
  bool horizontal = true;        // labels of neighbours may not touch: wide texts need room
  bool ticks_at_values = false;  // few whole numbers (episodes 1, 2, 4, 8) get a tick each
  bool from_zero = false;        // bars begin at zero, or at a power of ten if log
  double pixels = 400;           // length on paper; decides how many ticks there are
};

/// An axis over all values that it can show; without any [0, 1], or [1, 10] if log, and no ticks.
Axis MakeAxis(const std::vector<double>& values, const AxisOptions& options);

/// Multiples of 1, 2 or 5 times a power of ten inside [low, high], as near to `wanted` as it goes.
std::vector<double> NiceTicks(double low, double high, int wanted);

/// Powers of ten inside [low, high], with 2 and 5 between them where there is room for `wanted`, or
/// fewer, evenly spaced; at least two wherever there are two. 0 < low < high.
std::vector<double> LogTicks(double low, double high, int wanted);

}  // namespace longplay
