// SPDX-License-Identifier: MIT
#include "agent/report/chart_values.h"

#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "agent/charts/chart_frame.h"
#include "agent/charts/chart_marks.h"
#include "agent/charts/chart_thinning.h"
#include "agent/charts/shown_text.h"
#include "agent/charts/shown_value.h"

namespace longplay {
namespace {

using Json = nlohmann::json;

// Six digits place a point more exactly than a screen does.
double Rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

Json PlotJson(const PlotArea& plot) {
  return {plot.picture_width,  Rounded(plot.left),  plot.top, Rounded(plot.width), plot.height,
          Rounded(plot.x.low), Rounded(plot.x.high)};
}

Json SeriesJson(const Chart& chart, size_t index, const PlotArea& plot) {
  const ChartSeries series = Thinned(chart.series[index], plot);
  Json points = Json::array();
  for (size_t i = 0; i < series.x.size(); ++i) {
    if (!plot.CanShow(series.x[i], series.y[i])) continue;
    points.push_back(
        {Rounded(series.x[i]), FormatNumber(series.x[i]), ShownValue(chart, series, i)});
  }
  return {{"name", series.name}, {"colour", SeriesClass(chart, index)}, {"points", points}};
}

// JSON that may stand between tags.
std::string Inside(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at)) {
    text.replace(at, 1, "\\u003c");
  }
  return text;
}

}  // namespace

std::string ChartValues(const Chart& chart) {
  if (chart.kind == ChartKind::kBars) return "";
  const PlotArea wide = MakePlotArea(chart, ChartPaper::kWide);
  Json series = Json::array();
  for (size_t i = 0; i < chart.series.size(); ++i) {
    Json line = SeriesJson(chart, i, wide);
    if (!line["points"].empty()) series.push_back(std::move(line));
  }
  if (series.empty()) return "";
  const Json values = {
      {"x", chart.x_label},
      {"log", chart.log_x},
      {"plots", {PlotJson(wide), PlotJson(MakePlotArea(chart, ChartPaper::kNarrow))}},
      {"series", series}};
  return "<script type=\"application/json\">" + Inside(values) + "</script>\n";
}

}  // namespace longplay
