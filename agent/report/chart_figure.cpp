// SPDX-License-Identifier: MIT
#include "agent/report/chart_figure.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "agent/charts/chart_marks.h"
#include "agent/charts/chart_thinning.h"
#include "agent/charts/shown_text.h"
#include "agent/charts/shown_value.h"
#include "agent/charts/svg_chart.h"
#include "agent/report/chart_values.h"
#include "agent/report/csv_link.h"
#include "agent/report/table_figure.h"

namespace longplay {
namespace {

constexpr size_t kMostNumberRows = 40;  // longer tables of numbers belong into the CSV file

// A single series needs its name only if the title does not say it: it is left out where it is the
// title, and with bars, whose axis says what they are.
std::string Legend(const Chart& chart) {
  const bool bars = chart.kind == ChartKind::kBars;
  std::string items;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    if (chart.series.size() == 1 && (bars || chart.series[0].name == chart.title)) break;
    items += "<li>" + SeriesSample(chart, i) + EscapeMarkup(chart.series[i].name) + "</li>\n";
  }
  const std::string beyond = BeyondSample(chart);
  if (!beyond.empty()) items += "<li>" + beyond + EscapeMarkup(chart.beyond) + "</li>\n";
  for (size_t i = 0; i < chart.levels.size(); ++i) {
    if (!IsShownLevel(chart, i)) continue;
    items += std::string("<li class=\"") + (bars ? "letter" : "letter narrow") + "\"><b>" +
             LevelLetter(chart, i) + "</b>" + EscapeMarkup(chart.levels[i].name) + " " +
             FormatNumber(chart.levels[i].y[0]) + "</li>\n";
  }
  return items.empty() ? "" : "<ul class=\"legend\">\n" + items + "</ul>\n";
}

std::string ThinningNote(const Chart& chart) {
  if (chart.kind == ChartKind::kBars) return "";
  size_t most = 1;
  bool means = true;
  for (const ChartSeries& series : chart.series) {
    if (PointsPerDrawnPoint(series) <= 1) continue;
    most = std::max(most, PointsPerDrawnPoint(series));
    means = means && series.low.empty();
  }
  if (most == 1) return "";
  const std::string count = std::to_string(most);
  return means ? "Lines are means of up to " + count + " consecutive points, shaded by their range."
               : "Of very long lines one point in up to " + count + " is drawn.";
}

std::string Caption(const Chart& chart) {
  std::string text = EscapeMarkup(chart.caption);
  const std::string note = ThinningNote(chart);
  if (!note.empty()) text += (text.empty() ? "" : " ") + note;
  return text.empty() ? "" : "<figcaption>" + text + "</figcaption>\n";
}

std::vector<std::vector<std::string>> RowsOfBars(const Chart& chart) {
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < chart.categories.size(); ++i) {
    rows.push_back({chart.categories[i]});
    for (const ChartSeries& series : chart.series)
      rows.back().push_back(ShownValue(chart, series, i));
  }
  return rows;
}

std::vector<std::vector<std::string>> RowsOfLines(const Chart& chart) {
  // A row wherever any series has a point.
  std::set<double> places;
  for (const ChartSeries& series : chart.series) {
    for (const double x : series.x) {
      if (std::isfinite(x)) places.insert(x);
    }
  }
  std::vector<std::vector<std::string>> rows;
  if (places.size() > kMostNumberRows) return rows;
  for (const double x : places) {
    rows.push_back({FormatNumber(x)});
    for (const ChartSeries& series : chart.series) {
      const auto at = std::ranges::find(series.x, x);
      rows.back().push_back(
          at == series.x.end() ? "" : ShownValue(chart, series, at - series.x.begin()));
    }
  }
  return rows;
}

std::string Numbers(const Chart& chart) {
  const bool bars = chart.kind == ChartKind::kBars;
  Table table{.title = "Numbers of: " + chart.title,
              .caption = "",
              .header = {chart.x_label},
              .rows = bars ? RowsOfBars(chart) : RowsOfLines(chart)};
  if (table.rows.empty() || chart.series.empty()) return "";
  for (const ChartSeries& series : chart.series) table.header.push_back(series.name);
  return "<details><summary>Numbers</summary>\n" + ScrollingTable(table) + "</details>\n";
}

}  // namespace

std::string ChartFigure(const Chart& chart, const std::string& id) {
  CheckChart(chart);
  // Drawn for both papers; the style sheet shows the one that fits.
  return "<figure class=\"chart\">\n" + FigureTitle(chart.title) + Legend(chart) +
         "<div class=\"wide\">" + DrawChart(chart, ChartPaper::kWide, id + "-wide") + "</div>\n" +
         "<div class=\"narrow\">" + DrawChart(chart, ChartPaper::kNarrow, id + "-narrow") +
         "</div>\n" + Caption(chart) + "<div class=\"more\">" + Numbers(chart) +
         CsvLink(ChartCsv(chart), chart.title) + "</div>\n" + ChartValues(chart) + "</figure>\n";
}

}  // namespace longplay
