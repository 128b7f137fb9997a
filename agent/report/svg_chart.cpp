// SPDX-License-Identifier: MIT
#include "agent/report/svg_chart.h"

#include <stdexcept>
#include <vector>

#include "agent/report/chart_frame.h"
#include "agent/report/report_text.h"
#include "agent/report/svg_elements.h"

namespace longplay {
namespace {

std::string Description(const Chart& chart) {
  const bool bars = chart.kind == ChartKind::kBars;
  std::string text = bars ? "Bar chart of " + AxisLabel(chart.y_label, chart.log_y)
                          : "Line chart of " + AxisLabel(chart.y_label, chart.log_y) + " against " +
                                AxisLabel(chart.x_label, chart.log_x);
  text += ".";
  for (const ChartSeries& series : chart.series) {
    text += " " + series.name + ": " + std::to_string(series.y.size()) +
            (series.y.size() == 1 ? " value." : " values.");
  }
  for (size_t i = 0; i < chart.levels.size(); ++i) {
    if (!IsShownLevel(chart, i)) continue;
    text += " Level " + chart.levels[i].name + ": " + FormatNumber(chart.levels[i].y[0]) + ".";
  }
  return text;
}

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
  for (const auto* bound : {&series.low, &series.high}) {
    if (bound->size() == count || (series.low.empty() && series.high.empty())) continue;
    Reject(chart, place + (bound == &series.low ? ", low" : ", high"),
           expected + got(bound->size()));
  }
}

}  // namespace

std::string DrawChart(const Chart& chart, ChartPaper paper, const std::string& id) {
  CheckChart(chart);
  double height = 0;
  const std::string body = chart.kind == ChartKind::kBars ? DrawBars(chart, paper, height)
                                                          : DrawLines(chart, paper, height);
  const std::string size = SvgNumber(PaperWidth(paper)) + " " + SvgNumber(height);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size +
         "\" role=\"img\" aria-labelledby=\"" + id + "-title " + id + "-desc\">\n<title id=\"" +
         id + "-title\">" + EscapeMarkup(chart.title) + "</title>\n<desc id=\"" + id + "-desc\">" +
         EscapeMarkup(Description(chart)) + "</desc>\n" + body + "</svg>\n";
}

std::string SeriesClass(size_t index, bool dashed) {
  return "series-" + std::to_string(index % 8) + (dashed ? " dashed" : index >= 8 ? " dotted" : "");
}

std::string LevelLetter(const Chart& chart, size_t index) {
  size_t shown = 0;
  for (size_t i = 0; i < index; ++i) shown += IsShownLevel(chart, i);
  return std::string(1, static_cast<char>('a' + shown % 26));
}

bool IsShownLevel(const Chart& chart, size_t index) {
  const std::vector<double>& y = chart.levels[index].y;
  return !y.empty() && FitsAxis(y[0], chart.log_y);
}

void CheckChart(const Chart& chart) {
  for (const ChartSeries& series : chart.series) CheckSeries(chart, series);
}

}  // namespace longplay
