// SPDX-License-Identifier: MIT
#include "agent/charts/chart_marks.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "agent/charts/chart_axis.h"
#include "agent/charts/svg_elements.h"

namespace longplay {
namespace {

constexpr size_t kMostMarks = 24;  // of one line; more would hide it

/// Whether all of it is.
bool IsBeyond(const ChartSeries& series) {
  return !series.x.empty() && std::ranges::min(series.x) > series.beyond;
}

}  // namespace

std::string ColourClass(size_t colour) {
  return "series-" + std::to_string(colour % 8) + (colour >= 8 ? " dotted" : "");
}

std::string SeriesClass(const Chart& chart, size_t index) {
  const ChartSeries& series = chart.series[index];
  // A line through points of several rows has the colour of none.
  const bool grey = !series.colour && !series.point_colours.empty();
  return (grey ? "series-grey" : ColourClass(series.colour.value_or(index))) +
         (series.dashed ? " dashed" : "");
}

size_t MarkOf(const Chart& chart, size_t index, size_t point) {
  const ChartSeries& series = chart.series[index];
  return series.point_colours.empty() ? series.colour.value_or(index) : series.point_colours[point];
}

std::string SeriesSample(const Chart& chart, size_t index) {
  const ChartSeries& series = chart.series[index];
  const std::string group = "<g class=\"" + SeriesClass(chart, index) + "\">";
  const auto sample = [](const std::string& width, const std::string& content) {
    return "<svg class=\"sample\" width=\"" + width + "\" height=\"14\" viewBox=\"0 0 " + width +
           " 14\" aria-hidden=\"true\">" + content + "</g></svg>";
  };
  if (chart.kind == ChartKind::kBars) {
    return sample("14", group + "<rect class=\"bar\" x=\"1\" y=\"1\" width=\"12\" height=\"12\"/>");
  }
  // As in the drawing: a line, its band behind it, a mark on it.
  std::string line = SvgLine({0, 7}, {28, 7}, "class=\"line\"");
  if (std::ranges::any_of(series.low, [](double low) { return std::isfinite(low); })) {
    line = "<rect class=\"band\" x=\"0\" y=\"1\" width=\"28\" height=\"12\"/>" + line;
  }
  if (series.point_colours.empty()) {
    line += SvgMark({14, 7}, MarkOf(chart, index, 0), "");
  }
  if (IsBeyond(series)) line = "<g class=\"beyond\">" + line + "</g>";
  return sample("28", group + line);
}

std::string BeyondSample(const Chart& chart) {
  const bool drawn = std::ranges::any_of(chart.series, [](const ChartSeries& series) {
    return std::ranges::any_of(series.x, [&](double x) { return x > series.beyond; });
  });
  if (!drawn || chart.beyond.empty()) return "";
  return "<svg class=\"sample\" width=\"28\" height=\"14\" viewBox=\"0 0 28 14\" "
         "aria-hidden=\"true\"><g class=\"series-grey\"><g class=\"beyond\">" +
         SvgLine({0, 7}, {28, 7}, "class=\"line\"") + SvgMark({14, 7}, 0, "") + "</g></g></svg>";
}

bool HasMarks(const ChartSeries& series) { return series.x.size() <= kMostMarks; }

bool IsShownLevel(const Chart& chart, size_t index) {
  const std::vector<double>& y = chart.levels[index].y;
  return !y.empty() && FitsAxis(y[0], chart.log_y);
}

std::string LevelLetter(const Chart& chart, size_t index) {
  size_t shown = 0;
  // Levels that are not shown take no letter.
  for (size_t i = 0; i < index; ++i) shown += IsShownLevel(chart, i);
  return std::string(1, static_cast<char>('a' + shown % 26));
}

}  // namespace longplay
