// SPDX-License-Identifier: MIT
// Bar charts: one group of horizontal bars for each category, so that names have room on a phone.
#include <algorithm>
#include <cmath>

#include "agent/charts/chart_frame.h"
#include "agent/charts/chart_marks.h"
#include "agent/charts/shown_text.h"
#include "agent/charts/shown_value.h"
#include "agent/charts/svg_elements.h"

namespace longplay {
namespace {

constexpr double kBar = 15, kBarGap = 3, kGroupGap = 14;  // [px]
constexpr double kLabelLetter = 6.3;                      // [px] of a 12 px label, on average
constexpr double kValueRoom = 52;  // [px] for the number behind the longest bar
constexpr double kLabelHeight = 14;

struct BarArea {
  double left = 0, top = 0, width = 0, height = 0;  // [px]
  double group = 0;                                 // [px] height of a category
  std::vector<std::vector<std::string>> names;      // of the categories, in lines
  Axis values;

  double At(double value) const { return left + width * values.Fraction(value); }
  double Start() const { return values.log ? left : At(0); }
};

std::vector<double> Values(const Chart& chart) {
  std::vector<double> values = chart.show_y;
  const auto append = [&](const std::vector<double>& more) {
    values.insert(values.end(), more.begin(), more.end());
  };
  for (const ChartSeries& series : chart.series) {
    append(series.y);
    append(series.low);
    append(series.high);
    for (const std::vector<double>& dots : series.dots) append(dots);
  }
  for (const ChartSeries& level : chart.levels) {
    if (!level.y.empty()) values.push_back(level.y[0]);
  }
  return values;
}

BarArea MakeBarArea(const Chart& chart, ChartPaper paper) {
  BarArea area{.top = 30, .names = {}, .values = {}};
  // Names in lines first: they decide the left margin and the height of a category.
  size_t longest = 1, most_lines = 1;
  for (const std::string& category : chart.categories) {
    area.names.push_back(WrapWords(category, paper == ChartPaper::kWide ? 24 : 14));
    most_lines = std::max(most_lines, area.names.back().size());
    for (const std::string& line : area.names.back()) {
      longest = std::max(longest, CharacterCount(line));
    }
  }
  const auto bars = static_cast<double>(std::max<size_t>(chart.series.size(), 1));
  area.group =
      std::max(bars * (kBar + kBarGap), kLabelHeight * static_cast<double>(most_lines)) + kGroupGap;
  area.height = area.group * static_cast<double>(std::max<size_t>(chart.categories.size(), 1));
  area.left = kLabelLetter * static_cast<double>(longest) + 10;
  area.width = PaperWidth(paper) - area.left - kValueRoom;
  area.values =
      MakeAxis(Values(chart), {.log = chart.log_y, .from_zero = true, .pixels = area.width});
  return area;
}

std::string DrawScale(const Chart& chart, const BarArea& area) {
  const double bottom = area.top + area.height;
  std::string svg = SvgText({0, 14}, "class=\"axis-label\"", AxisLabel(chart.y_label, chart.log_y));
  for (size_t i = 0; i < area.values.ticks.size(); ++i) {
    const double x = area.At(area.values.ticks[i]);
    svg += SvgLine({x, area.top}, {x, bottom}, "class=\"grid\"");
    svg += SvgText({x, bottom + 17}, "text-anchor=\"middle\"", area.values.labels[i]);
  }
  return svg + SvgLine({area.Start(), area.top}, {area.Start(), bottom}, "class=\"axis\"");
}

std::string DrawInterval(const BarArea& area, double low, double high, double y) {
  const double from = area.values.CanShow(low) ? area.At(low) : area.left;
  const double to = area.At(high);
  const char* kind = "class=\"whisker\"";
  return SvgLine({from, y}, {to, y}, kind) + SvgLine({from, y - 4}, {from, y + 4}, kind) +
         SvgLine({to, y - 4}, {to, y + 4}, kind);
}

std::string DrawDots(const BarArea& area, const std::vector<double>& dots, double y) {
  std::string svg;
  for (const double dot : dots) {
    if (area.values.CanShow(dot)) svg += SvgDot({area.At(dot), y});
  }
  return svg;
}

/// What a pointer over the bar shows: its value, and how sure it is.
std::string BarTip(const Chart& chart, const ChartSeries& series, size_t category) {
  const std::string text = chart.categories[category] + "\n" +
                           (series.name.empty() ? chart.y_label : series.name) + ": " +
                           ShownValue(chart, series, category);
  return "<title>" + EscapeMarkup(text) + "</title>";
}

std::string DrawBar(const Chart& chart, const BarArea& area, const ChartSeries& series,
                    size_t category, double y) {
  const double value = series.y[category];
  if (!area.values.CanShow(value)) {
    return SvgText({area.Start() + 6, y + 12}, "class=\"empty\"", "no value");
  }
  const double start = area.Start(), end = area.At(value);
  std::string svg = "<rect class=\"bar\" x=\"" + SvgNumber(std::min(start, end)) + "\" y=\"" +
                    SvgNumber(y) + "\" width=\"" + SvgNumber(std::abs(end - start)) +
                    "\" height=\"" + SvgNumber(kBar) + "\">" + BarTip(chart, series, category) +
                    "</rect>\n";
  // The number stands to the right of all that is drawn of this bar.
  double text = std::max(start, end);
  if (!series.low.empty() && area.values.CanShow(series.high[category]) &&
      std::isfinite(series.low[category])) {
    svg += DrawInterval(area, series.low[category], series.high[category], y + kBar / 2);
    text = std::max(text, area.At(series.high[category]));
  }
  if (!series.dots.empty()) {
    svg += DrawDots(area, series.dots[category], y + kBar / 2);
    for (const double dot : series.dots[category]) {
      if (area.values.CanShow(dot)) text = std::max(text, area.At(dot));
    }
  }
  return svg + SvgText({text + 6, y + 12}, "class=\"value\"", FormatNumber(value));
}

std::string DrawCategory(const Chart& chart, const BarArea& area, size_t category) {
  const double middle = area.top + area.group * (static_cast<double>(category) + 0.5);
  const auto lines = static_cast<double>(area.names[category].size());
  std::string svg;
  // Name and bars, each centred on the middle of the category.
  double y = middle - kLabelHeight * lines / 2 + 11;
  for (const std::string& line : area.names[category]) {
    svg += SvgText({area.left - 8, y}, "class=\"category\" text-anchor=\"end\"", line);
    y += kLabelHeight;
  }
  y = middle - (kBar + kBarGap) * static_cast<double>(chart.series.size()) / 2 + kBarGap / 2;
  for (size_t i = 0; i < chart.series.size(); ++i) {
    const std::vector<size_t>& colours = chart.series[i].point_colours;
    svg += "<g class=\"" +
           (colours.empty() ? SeriesClass(chart, i) : ColourClass(colours[category])) + "\">\n" +
           DrawBar(chart, area, chart.series[i], category, y) + "</g>\n";
    y += kBar + kBarGap;
  }
  return svg;
}

std::string DrawBarLevels(const Chart& chart, const BarArea& area) {
  std::string svg;
  for (size_t i = 0; i < chart.levels.size(); ++i) {
    if (!IsShownLevel(chart, i)) continue;
    const double x = area.At(chart.levels[i].y[0]);
    svg += SvgLine({x, area.top}, {x, area.top + area.height},
                   "class=\"level level-" + std::to_string(i % 4) + "\"");
    svg += SvgText({x, area.top - 3}, "class=\"level-name\" text-anchor=\"middle\"",
                   LevelLetter(chart, i));
  }
  return svg;
}

}  // namespace

std::string DrawBars(const Chart& chart, ChartPaper paper, double& height) {
  const BarArea area = MakeBarArea(chart, paper);
  height = area.top + area.height + 26;
  std::string svg = DrawScale(chart, area);
  for (size_t i = 0; i < chart.categories.size(); ++i) svg += DrawCategory(chart, area, i);
  if (chart.categories.empty() || chart.series.empty()) {
    svg += SvgText({area.left + area.width / 2, area.top + area.height / 2},
                   "class=\"empty\" text-anchor=\"middle\"", "no data yet");
  }
  return svg + DrawBarLevels(chart, area);
}

}  // namespace longplay
