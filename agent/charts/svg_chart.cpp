// SPDX-License-Identifier: MIT
#include "agent/charts/svg_chart.h"

#include "agent/charts/chart_frame.h"
#include "agent/charts/chart_marks.h"
#include "agent/charts/shown_text.h"
#include "agent/charts/svg_elements.h"

namespace longplay {
namespace {

std::string Description(const Chart& chart) {
  const bool bars = chart.kind == ChartKind::kBars;
  std::string text = bars ? "Bar chart of " + AxisLabel(chart.y_label, chart.log_y)
                          : "Line chart of " + AxisLabel(chart.y_label, chart.log_y) + " against " +
                                AxisLabel(chart.x_label, chart.log_x);
  text += ".";
  // How much there is, not every number: these unfold below the chart.
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

}  // namespace longplay
