// SPDX-License-Identifier: MIT
#include "agent/charts/shown_value.h"

#include <cmath>

#include "agent/charts/shown_text.h"

namespace longplay {

std::string ShownValue(const Chart& chart, const ChartSeries& series, size_t i) {
  std::string text = FormatNumber(series.y[i]);
  if (i < series.x.size() && series.x[i] > series.beyond) text += " (" + chart.beyond + ")";
  // Single values in place of an interval.
  if (i < series.dots.size() && !series.dots[i].empty()) {
    std::string dots;
    for (const double dot : series.dots[i]) {
      dots += (dots.empty() ? "" : ", ") + FormatNumber(dot);
    }
    return text + " (" + dots + ")";
  }
  if (!series.low.empty() && std::isfinite(series.low[i]) && std::isfinite(series.high[i])) {
    text += " [" + FormatNumber(series.low[i]) + ", " + FormatNumber(series.high[i]) + "]";
  }
  return text;
}

}  // namespace longplay
