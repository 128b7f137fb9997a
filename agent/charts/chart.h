// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace longplay {

/// One run of those that a series is the mean of; a thin line behind it.
struct ChartRun {
  std::string name;  // "seed 0"
  std::vector<double> x, y;
};

/// One line of a chart; `low` and `high` (same length as x, or empty) bound its 95 % interval, NaN
/// where there is none.
struct ChartSeries {
  std::string name;
  std::vector<double> x, y, low, high;
  bool dashed = false;  // references and baselines
  // Single values that y[i] is the mean of, where they are too few for an interval: a dot each.
  std::vector<std::vector<double>> dots = {};
  double beyond =
      std::numeric_limits<double>::infinity();  // from here on x is another matter (what
                                                // Chart::beyond says): dashed and faint
  // Which colour and mark; the place in the chart if not said. One thing has one on a whole page.
  std::optional<size_t> colour = {};
  std::vector<size_t> point_colours = {};  // of the marks; empty = as the line, which is else grey
  std::vector<ChartRun> runs = {};         // kLines only
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
  std::string beyond = {};  // what ChartSeries::beyond is, for the legend: "beyond training"
  // Whether series whose points cover each other are drawn a little beside each other; for few
  // places on the x axis.
  bool apart = false;
  // Values that the axes hold in any case: panels beside each other share theirs, and differences
  // that mean nothing do not fill a picture.
  std::vector<double> show_x = {}, show_y = {};
};

struct Table {
  std::string title, caption;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  // Where a cell leads to, relative to the page: as `rows`, "" for nowhere, or empty.
  std::vector<std::vector<std::string>> links = {};
};

/// Throws std::invalid_argument, naming the chart, unless all lengths agree.
void CheckChart(const Chart& chart);

}  // namespace longplay
