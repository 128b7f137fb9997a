// SPDX-License-Identifier: MIT
#include "agent/report/chart_figure.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

#include "agent/report/chart_marks.h"
#include "agent/report/report_text.h"
#include "agent/report/svg_chart.h"

namespace longplay {
namespace {

constexpr size_t kMostNumberRows = 40;  // longer tables of numbers belong into the CSV file

std::string Title(const std::string& title) {
  return title.empty() ? "" : "<h3>" + EscapeMarkup(title) + "</h3>\n";
}

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

std::string ValueAt(const Chart& chart, const ChartSeries& series, size_t i) {
  std::string text = FormatNumber(series.y[i]);
  if (i < series.x.size() && series.x[i] > series.beyond) text += " (" + chart.beyond + ")";
  // Single values in place of an interval.
  if (i < series.dots.size() && !series.dots[i].empty()) {
    std::string dots;
    for (const double dot : series.dots[i])
      dots += (dots.empty() ? ": " : ", ") + FormatNumber(dot);
    return text + dots;
  }
  if (!series.low.empty() && std::isfinite(series.low[i]) && std::isfinite(series.high[i])) {
    text += " [" + FormatNumber(series.low[i]) + ", " + FormatNumber(series.high[i]) + "]";
  }
  return text;
}

std::vector<std::vector<std::string>> RowsOfBars(const Chart& chart) {
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < chart.categories.size(); ++i) {
    rows.push_back({chart.categories[i]});
    for (const ChartSeries& series : chart.series) rows.back().push_back(ValueAt(chart, series, i));
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
      rows.back().push_back(at == series.x.end() ? ""
                                                 : ValueAt(chart, series, at - series.x.begin()));
    }
  }
  return rows;
}

bool LooksLikeNumber(const std::string& cell) {
  size_t start = cell.starts_with("−") ? std::string("−").size() : cell.starts_with("-") ? 1 : 0;
  // A dash stands for a number that is not known.
  if (cell.empty() || cell == "–" || cell == "-") return true;
  return start < cell.size() && cell[start] >= '0' && cell[start] <= '9';
}

std::vector<bool> NumberColumns(const Table& table) {
  std::vector<bool> numbers(table.header.size(), !table.rows.empty());
  if (!numbers.empty()) numbers[0] = false;  // names the row
  for (const std::vector<std::string>& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) numbers[i] = numbers[i] && LooksLikeNumber(row[i]);
  }
  return numbers;
}

std::string Cell(const std::string& tag, const std::string& text, bool number,
                 const std::string& link = "") {
  // The closing tag is without the attributes.
  const std::string name = tag.substr(0, tag.find(' '));
  std::string content = EscapeMarkup(text);
  if (!link.empty()) content = "<a href=\"" + EscapeMarkup(link) + "\">" + content + "</a>";
  return "<" + tag + (number ? " class=\"number\">" : ">") + content + "</" + name + ">";
}

std::string TableRows(const Table& table) {
  const std::vector<bool> numbers = NumberColumns(table);
  std::string html = "<thead><tr>";
  for (size_t i = 0; i < table.header.size(); ++i) {
    html += Cell("th scope=\"col\"", table.header[i], numbers[i]);
  }
  html += "</tr></thead>\n<tbody>\n";
  for (size_t r = 0; r < table.rows.size(); ++r) {
    html += "<tr>";
    for (size_t i = 0; i < table.rows[r].size(); ++i) {
      html += Cell(i == 0 ? "th scope=\"row\"" : "td", table.rows[r][i], numbers[i],
                   table.links.empty() ? "" : table.links[r][i]);
    }
    html += "</tr>\n";
  }
  return html + "</tbody>\n";
}

std::string ScrollingTable(const Table& table) {
  return "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
         EscapeMarkup(table.title.empty() ? "Table" : table.title) + "\"><table>\n" +
         TableRows(table) + "</table></div>\n";
}

void CheckTable(const Table& table) {
  for (size_t i = 0; i < table.rows.size(); ++i) {
    if (table.rows[i].size() == table.header.size()) continue;
    throw std::invalid_argument(
        "drawing a table: '" + table.title + "', row " + std::to_string(i + 1) + ": expected " +
        std::to_string(table.header.size()) + " cells as in the header, got " +
        std::to_string(table.rows[i].size()));
  }
  const auto size = [](const std::vector<std::string>& row) { return row.size(); };
  if (table.links.empty() || std::ranges::equal(table.rows, table.links, {}, size, size)) return;
  throw std::invalid_argument("drawing a table: '" + table.title +
                              "': expected as many links as cells");
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
  return "<figure class=\"chart\">\n" + Title(chart.title) + Legend(chart) +
         "<div class=\"wide\">" + DrawChart(chart, ChartPaper::kWide, id + "-wide") + "</div>\n" +
         "<div class=\"narrow\">" + DrawChart(chart, ChartPaper::kNarrow, id + "-narrow") +
         "</div>\n" + Caption(chart) + Numbers(chart) + "</figure>\n";
}

std::string TableFigure(const Table& table) {
  CheckTable(table);
  return "<figure class=\"table\">\n" + Title(table.title) + ScrollingTable(table) +
         (table.caption.empty()
              ? ""
              : "<figcaption>" + EscapeMarkup(table.caption) + "</figcaption>\n") +
         "</figure>\n";
}

}  // namespace longplay
