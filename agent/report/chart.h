// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace longplay {

/// One line of a chart; `low` and `high` (same length as x, or empty) bound its 95 % interval.
struct ChartSeries {
  std::string name;
  std::vector<double> x, y, low, high;
  bool dashed = false;  // references and baselines
};

enum class ChartKind {
  kLines,
  kBars,  // one group of horizontal bars for each category
};

/// Values that are not finite, or not positive on a logarithmic axis, are left out as gaps. A line
/// of very many points without an interval is drawn as means over runs of points, shaded by their
/// range, and the figure says so.
struct Chart {
  std::string title, x_label, y_label;
  std::string caption;              // what to read from it; how many seeds; what the band is
  std::vector<ChartSeries> series;  // kBars: y[i], low[i], high[i] belong to categories[i]
  std::vector<ChartSeries> levels;  // references across the chart: y[0] alone (data mean ...)
  bool log_x = false;               // without effect on kBars
  bool log_y = false;               // the axis of the values, also for kBars
  ChartKind kind = ChartKind::kLines;
  std::vector<std::string> categories = {};  // kBars only, e.g. "8 episodes"
};

struct Table {
  std::string title, caption;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

/// Throws std::invalid_argument, naming the chart, unless all lengths agree.
void CheckChart(const Chart& chart);

}  // namespace longplay
