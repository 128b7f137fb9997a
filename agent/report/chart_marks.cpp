// SPDX-License-Identifier: MIT
#include "agent/report/chart_marks.h"

#include <vector>

#include "agent/report/chart_axis.h"
#include "agent/report/svg_elements.h"

namespace longplay {
namespace {

constexpr size_t kMostDrawnPoints = 160;  // of one line; more cannot be told apart at 520 px
constexpr size_t kMostMarks = 24;         // of one line; more would hide it

}  // namespace

std::string SeriesClass(size_t index, bool dashed) {
  return "series-" + std::to_string(index % 8) + (dashed ? " dashed" : index >= 8 ? " dotted" : "");
}

std::string SeriesSample(const Chart& chart, size_t index) {
  const ChartSeries& series = chart.series[index];
  const std::string group = "<g class=\"" + SeriesClass(index, series.dashed) + "\">";
  const auto sample = [](const std::string& width, const std::string& content) {
    return "<svg class=\"sample\" width=\"" + width + "\" height=\"14\" viewBox=\"0 0 " + width +
           " 14\" aria-hidden=\"true\">" + content + "</g></svg>";
  };
  if (chart.kind == ChartKind::kBars) {
    return sample("14", group + "<rect class=\"bar\" x=\"1\" y=\"1\" width=\"12\" height=\"12\"/>");
  }
  std::string line = SvgLine({0, 7}, {28, 7}, "class=\"line\"");
  if (!series.low.empty()) {
    line = "<rect class=\"band\" x=\"0\" y=\"1\" width=\"28\" height=\"12\"/>" + line;
  }
  if (HasMarks(series)) line += SvgMark({14, 7}, index, "");
  return sample("28", group + line);
}

bool HasMarks(const ChartSeries& series) { return series.x.size() <= kMostMarks; }

size_t PointsPerDrawnPoint(const ChartSeries& series) {
  return (series.x.size() + kMostDrawnPoints - 1) / kMostDrawnPoints;
}

bool IsShownLevel(const Chart& chart, size_t index) {
  const std::vector<double>& y = chart.levels[index].y;
  return !y.empty() && FitsAxis(y[0], chart.log_y);
}

std::string LevelLetter(const Chart& chart, size_t index) {
  size_t shown = 0;
  for (size_t i = 0; i < index; ++i) shown += IsShownLevel(chart, i);
  return std::string(1, static_cast<char>('a' + shown % 26));
}

}  // namespace longplay
