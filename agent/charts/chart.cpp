// SPDX-License-Identifier: MIT
#include "agent/charts/chart.h"

#include <stdexcept>

namespace longplay {
namespace {

[[noreturn]] void Reject(const Chart& chart, const std::string& place, const std::string& problem) {
  throw std::invalid_argument("drawing a chart: '" + chart.title + "', " + place + ": " + problem);
}

void CheckSeries(const Chart& chart, const ChartSeries& series) {
  const std::string place = "series '" + series.name + "'";
  const bool bars = chart.kind == ChartKind::kBars;
  const size_t count = bars ? chart.categories.size() : series.x.size();
  const std::string expected = "expected " + std::to_string(count) +
                               (bars ? " values as there are categories" : " values as in x");
  const auto got = [](size_t size) { return ", got " + std::to_string(size); };
  if (series.y.size() != count) Reject(chart, place + ", y", expected + got(series.y.size()));
  // Both bounds for every value, or none at all.
  for (const auto* bound : {&series.low, &series.high}) {
    if (bound->size() == count || (series.low.empty() && series.high.empty())) continue;
    Reject(chart, place + (bound == &series.low ? ", low" : ", high"),
           expected + got(bound->size()));
  }
  for (const ChartRun& run : series.runs) {
    if (run.x.size() == run.y.size()) continue;
    Reject(chart, place + ", " + run.name,
           "expected " + std::to_string(run.x.size()) + " values as in x" + got(run.y.size()));
  }
  // One for each value, or none at all.
  for (const size_t size : {series.dots.size(), series.point_colours.size()}) {
    if (size == count || size == 0) continue;
    Reject(chart, place + (size == series.dots.size() ? ", dots" : ", colours"),
           expected + got(size));
  }
}

}  // namespace

void CheckChart(const Chart& chart) {
  for (const ChartSeries& series : chart.series) CheckSeries(chart, series);
}

}  // namespace longplay
