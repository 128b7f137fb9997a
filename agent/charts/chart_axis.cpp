// SPDX-License-Identifier: MIT
#include "agent/charts/chart_axis.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "agent/charts/shown_text.h"

namespace longplay {
namespace {

constexpr double kCharacter = 6.6;  // [px] of a digit in the charts' 12 px text
constexpr size_t kMostValueTicks = 10;

// The fewest decimals that show every tick exactly, up to six.
int Decimals(const std::vector<double>& ticks, double step) {
  for (int decimals = 0; decimals < 6; ++decimals) {
    const double scale = std::pow(10.0, decimals);
    const bool exact = std::ranges::all_of(ticks, [&](double tick) {
      return std::abs(tick * scale - std::round(tick * scale)) < 1e-6 * step * scale;
    });
    if (exact) return decimals;
  }
  return 6;
}

std::vector<std::string> Labels(const std::vector<double>& ticks, bool log) {
  // The closest two ticks decide how many decimals all of them need.
  double step = ticks.size() == 1 && ticks[0] != 0 ? std::abs(ticks[0]) : 1;
  if (ticks.size() > 1) step = ticks[1] - ticks[0];
  for (size_t i = 2; i < ticks.size(); ++i) step = std::min(step, ticks[i] - ticks[i - 1]);
  const int decimals = Decimals(ticks, step);
  const bool plain = !log && step >= 1e-4;
  std::vector<std::string> labels;
  labels.reserve(ticks.size());
  for (const double tick : ticks) {
    labels.push_back(plain ? FormatFixed(tick, decimals) : FormatNumber(tick));
  }
  return labels;
}

double LabelRoom(const std::vector<std::string>& labels) {
  size_t longest = 1;
  for (const std::string& label : labels) longest = std::max(longest, CharacterCount(label));
  return kCharacter * static_cast<double>(longest) + 8;
}

// Whether no label touches its neighbour on an axis of so many pixels.
bool HaveRoom(const Axis& axis, double pixels) {
  const double room = LabelRoom(axis.labels);
  for (size_t i = 1; i < axis.ticks.size(); ++i) {
    const double gap = axis.Fraction(axis.ticks[i]) - axis.Fraction(axis.ticks[i - 1]);
    if (gap * pixels < room) return false;
  }
  return true;
}

void Widen(Axis& axis, const AxisOptions& options) {
  // Values that agree to nine digits are drawn as one: ticks between them could not be told apart.
  const double largest = std::max(std::abs(axis.low), std::abs(axis.high));
  const bool one_value = axis.high - axis.low <= largest * 1e-9;
  // By 3 % of the decades, or by a factor of 2 around a single value.
  if (axis.log) {
    const double factor =
        one_value ? 2 : std::pow(10, 0.03 * (std::log10(axis.high) - std::log10(axis.low)));
    axis.low = options.from_zero ? std::pow(10.0, std::floor(std::log10(axis.low) - 0.05))
                                 : axis.low / factor;
    axis.high *= factor;
    return;
  }
  // By 4 % of the range, but not beyond a zero that the values end at.
  const double range = one_value ? 0 : axis.high - axis.low;
  const bool from_zero = options.from_zero || axis.low == 0;
  const bool to_zero = axis.high == 0;
  const double margin = range > 0 ? range * 0.04 : largest > 0 ? largest * 0.1 : 1;
  if (!from_zero || axis.low < 0) axis.low -= margin;
  if (!to_zero || range == 0) axis.high += margin;
}

// A vertical axis whose values come near zero begins there: heights are then proportions.
void IncludeNearbyZero(Axis& axis) {
  const double range = axis.high - axis.low;
  if (axis.low > 0 && axis.low < 0.35 * range) axis.low = 0;
  if (axis.high < 0 && -axis.high < 0.35 * range) axis.high = 0;
}

bool PutTicksAtValues(Axis& axis, const std::set<double>& values, double pixels) {
  const bool whole = std::ranges::all_of(values, [](double v) { return v == std::round(v); });
  if (!whole || values.size() > kMostValueTicks) return false;
  // Tried on a copy: where labels touch, the axis stays as it was.
  Axis candidate = axis;
  candidate.ticks.assign(values.begin(), values.end());
  candidate.labels = Labels(candidate.ticks, candidate.log);
  if (!HaveRoom(candidate, pixels)) return false;
  axis = candidate;
  return true;
}

void PutNiceTicks(Axis& axis, const AxisOptions& options) {
  // A tick every 70 px, or 45 px upwards; fewer until no labels touch.
  int wanted = std::max(2, static_cast<int>(options.pixels / (options.horizontal ? 70 : 45)));
  for (; wanted >= 1; --wanted) {
    axis.ticks =
        axis.log ? LogTicks(axis.low, axis.high, wanted) : NiceTicks(axis.low, axis.high, wanted);
    axis.labels = Labels(axis.ticks, axis.log);
    if (!options.horizontal || HaveRoom(axis, options.pixels)) return;
  }
  // Not even two have room.
  axis.ticks.resize(1);
  axis.labels.resize(1);
}

}  // namespace

bool FitsAxis(double value, bool log) {
  return std::abs(value) < 1e250 && (!log || value > 1e-250);
}

double Axis::Fraction(double value) const {
  // Halves keep the difference of two huge numbers finite.
  if (!log) return (value / 2 - low / 2) / (high / 2 - low / 2);
  return (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
}

Axis MakeAxis(const std::vector<double>& values, const AxisOptions& options) {
  Axis axis{.low = 0, .high = 1, .log = options.log, .ticks = {}, .labels = {}};
  std::set<double> shown;
  for (const double value : values) {
    if (axis.CanShow(value)) shown.insert(value);
  }
  // First the ends, which follow from the values; then the ticks between them.
  if (!shown.empty()) {
    axis.low = *shown.begin();
    axis.high = *shown.rbegin();
    if (options.from_zero && !axis.log) {
      axis.low = std::min(axis.low, 0.0);
      axis.high = std::max(axis.high, 0.0);
    }
    if (!options.horizontal && !axis.log) IncludeNearbyZero(axis);
    Widen(axis, options);
  } else {
    axis.low = axis.log ? 1 : 0;
    axis.high = axis.log ? 10 : 1;
    return axis;
  }
  if (!options.ticks_at_values || shown.empty() || !PutTicksAtValues(axis, shown, options.pixels)) {
    PutNiceTicks(axis, options);
  }
  return axis;
}

std::vector<double> NiceTicks(double low, double high, int wanted) {
  // Halves keep the difference of two huge numbers finite.
  const double rough = (high / 2 - low / 2) / std::max(wanted, 1) * 2;
  if (!std::isfinite(rough) || rough <= 0) return {low};
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  std::vector<double> best;
  auto miss = [wanted](const std::vector<double>& ticks) {
    return std::abs(static_cast<double>(ticks.size()) - wanted);
  };
  // Of the round steps in this decade, the one with the number of ticks nearest to `wanted`.
  for (const double factor : {1.0, 2.0, 5.0, 10.0}) {
    const double step = factor * power;
    std::vector<double> ticks;
    const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
    for (double i = first; i <= last && ticks.size() < 100; ++i) {
      ticks.push_back(i == 0 ? 0 : i * step);  // never minus zero
    }
    if (!ticks.empty() && (best.empty() || miss(ticks) < miss(best))) best = ticks;
  }
  return best.empty() ? std::vector<double>{low} : best;
}

std::vector<double> LogTicks(double low, double high, int wanted) {
  // Within a decade a logarithmic axis is read as a linear one.
  if (high / low < 10) {
    std::vector<double> ticks = NiceTicks(low, high, wanted);
    if (ticks.size() > 1) return ticks;
  }
  // 1, 2 and 5 times every power of ten, if so many fit; else every so many powers alone.
  std::vector<double> powers, all;
  for (int exponent = static_cast<int>(std::floor(std::log10(low)));
       exponent <= std::log10(high) + 1e-9; ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10.0, exponent);
      if (tick < low * (1 - 1e-9) || tick > high * (1 + 1e-9)) continue;
      all.push_back(tick);
      if (factor == 1) powers.push_back(tick);
    }
  }
  if (static_cast<int>(all.size()) <= wanted + 2) return all;
  if (powers.size() < 2) return {all.front(), all.back()};
  const size_t stride = (powers.size() + wanted - 1) / static_cast<size_t>(std::max(wanted, 1));
  std::vector<double> ticks;
  for (size_t i = 0; i < powers.size(); i += stride) ticks.push_back(powers[i]);
  return ticks;
}

}  // namespace longplay
