// SPDX-License-Identifier: MIT
#include "agent/charts/chart_frame.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "agent/charts/chart_marks.h"
#include "agent/charts/shown_text.h"

namespace longplay {
namespace {

constexpr double kDigit = 6.8;        // [px] of a character of the 12 px labels
constexpr double kLetter = 5.7;       // [px] of a character of the 11 px level names, on average
constexpr double kLineHeight = 13;    // [px] of level names
constexpr size_t kLevelColumns = 20;  // characters of a level's name in one line

// The name of a level at the right of the plot.
struct LevelName {
  size_t index = 0;
  std::vector<std::string> lines;
  double y = 0;       // [px] where the level is
  double centre = 0;  // [px] where the name is
  double height() const { return kLineHeight * static_cast<double>(lines.size()) + 3; }
};

std::vector<LevelName> LevelNames(const Chart& chart, ChartPaper paper) {
  std::vector<LevelName> names;
  for (size_t i = 0; i < chart.levels.size(); ++i) {
    if (!IsShownLevel(chart, i)) continue;
    const std::string text = chart.levels[i].name + " " + FormatNumber(chart.levels[i].y[0]);
    names.push_back({.index = i,
                     .lines = paper == ChartPaper::kNarrow
                                  ? std::vector<std::string>{LevelLetter(chart, i)}
                                  : WrapWords(text, kLevelColumns)});
  }
  return names;
}

double TotalHeight(const std::vector<LevelName>& names) {
  double height = 0;
  for (const LevelName& name : names) height += name.height();
  return height;
}

double Width(const std::vector<LevelName>& names) {
  size_t longest = 0;
  for (const LevelName& name : names) {
    for (const std::string& line : name.lines) longest = std::max(longest, CharacterCount(line));
  }
  return kLetter * static_cast<double>(longest);
}

// Each name as near to its level as it goes: first pushed down from the one above, then, from the
// lower end of the plot, back up.
void Spread(std::vector<LevelName>& names, double top, double bottom) {
  std::ranges::stable_sort(names, {}, &LevelName::y);
  double free = top;
  for (LevelName& name : names) {
    name.centre = std::max(name.y, free + name.height() / 2);
    free = name.centre + name.height() / 2;
  }
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    name->centre = std::min(name->centre, bottom - name->height() / 2);
    bottom = name->centre - name->height() / 2;
  }
}

std::string DrawName(const LevelName& name, double right) {
  std::string svg;
  // A name that had to move is led to its level.
  if (std::abs(name.centre - name.y) > 1) {
    svg += SvgLine({right + 1, name.y}, {right + 9, name.centre}, "class=\"leader\"");
  }
  double y = name.centre - kLineHeight * static_cast<double>(name.lines.size()) / 2 + 10;
  for (const std::string& line : name.lines) {
    svg += SvgText({right + 12, y}, "class=\"level-name\"", line);
    y += kLineHeight;
  }
  return svg;
}

void Append(std::vector<double>& values, const std::vector<double>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

std::vector<double> ValuesOnX(const Chart& chart) {
  std::vector<double> values = chart.show_x;
  for (const ChartSeries& series : chart.series) {
    Append(values, series.x);
    for (const ChartRun& run : series.runs) Append(values, run.x);
  }
  return values;
}

std::vector<double> ValuesOnY(const Chart& chart) {
  std::vector<double> values = chart.show_y;
  for (const ChartSeries& series : chart.series) {
    Append(values, series.y);
    Append(values, series.low);
    Append(values, series.high);
    for (const std::vector<double>& dots : series.dots) Append(values, dots);
    for (const ChartRun& run : series.runs) Append(values, run.y);
  }
  for (const ChartSeries& level : chart.levels) {
    if (!level.y.empty()) values.push_back(level.y[0]);
  }
  return values;
}

std::string DrawTicksY(const PlotArea& plot) {
  std::string svg;
  for (size_t i = 0; i < plot.y.ticks.size(); ++i) {
    const double y = plot.At(plot.x.low, plot.y.ticks[i]).y;
    const bool zero = plot.y.ticks[i] == 0;
    svg += SvgLine({plot.left, y}, {plot.left + plot.width, y},
                   zero ? "class=\"axis\"" : "class=\"grid\"");
    svg += SvgText({plot.left - 8, y + 4}, "text-anchor=\"end\"", plot.y.labels[i]);
  }
  return svg;
}

std::string DrawTicksX(const PlotArea& plot) {
  std::string svg;
  const double bottom = plot.top + plot.height;
  svg += SvgLine({plot.left, bottom}, {plot.left + plot.width, bottom}, "class=\"axis\"");
  for (size_t i = 0; i < plot.x.ticks.size(); ++i) {
    const double x = plot.At(plot.x.ticks[i], plot.y.low).x;
    svg += SvgLine({x, bottom}, {x, bottom + 4}, "class=\"axis\"");
    svg += SvgText({x, bottom + 17}, "text-anchor=\"middle\"", plot.x.labels[i]);
  }
  return svg;
}

}  // namespace

bool PlotArea::CanShow(double x_value, double y_value) const {
  return x.CanShow(x_value) && y.CanShow(y_value);
}

SvgPoint PlotArea::At(double x_value, double y_value) const {
  return {.x = left + width * x.Fraction(x_value), .y = top + height * (1 - y.Fraction(y_value))};
}

PlotArea MakePlotArea(const Chart& chart, ChartPaper paper) {
  const std::vector<LevelName> names = LevelNames(chart, paper);
  PlotArea plot{.picture_width = PaperWidth(paper), .top = 30, .x = {}, .y = {}};
  // The height first, which decides the ticks on y: room for the names of all levels.
  plot.height = std::max(paper == ChartPaper::kWide ? 250.0 : 200.0, TotalHeight(names));
  plot.picture_height = plot.top + plot.height + (chart.x_label.empty() ? 26 : 46);
  plot.y =
      MakeAxis(ValuesOnY(chart), {.log = chart.log_y, .horizontal = false, .pixels = plot.height});
  // Labels take their room at the left, names of levels at the right; x has the rest.
  size_t longest = 1;
  for (const std::string& label : plot.y.labels) longest = std::max(longest, CharacterCount(label));
  plot.left = kDigit * static_cast<double>(longest) + 10;
  plot.width = plot.picture_width - plot.left - (names.empty() ? 14 : Width(names) + 16);
  plot.x = MakeAxis(ValuesOnX(chart),
                    {.log = chart.log_x, .ticks_at_values = true, .pixels = plot.width});
  return plot;
}

std::string DrawFrame(const Chart& chart, const PlotArea& plot) {
  std::string svg = DrawTicksY(plot) + DrawTicksX(plot);
  svg += SvgText({0, 14}, "class=\"axis-label\"", AxisLabel(chart.y_label, chart.log_y));
  svg +=
      SvgText({plot.left + plot.width / 2, plot.top + plot.height + 37},
              "class=\"axis-label\" text-anchor=\"middle\"", AxisLabel(chart.x_label, chart.log_x));
  return svg;
}

std::string DrawLevels(const Chart& chart, const PlotArea& plot, ChartPaper paper) {
  std::string svg;
  std::vector<LevelName> names = LevelNames(chart, paper);
  const double right = plot.left + plot.width;
  for (LevelName& name : names) {
    name.y = plot.At(plot.x.low, chart.levels[name.index].y[0]).y;
    const std::optional<size_t>& colour = chart.levels[name.index].colour;
    svg += "<g" + (colour ? " class=\"" + ColourClass(*colour) + "\"" : "") + ">" +
           SvgLine({plot.left, name.y}, {right, name.y},
                   "class=\"level level-" + std::to_string(name.index % 4) + "\"") +
           "</g>\n";
  }
  // Levels stay where they are; their names make room for each other.
  Spread(names, plot.top - 8, plot.top + plot.height + 8);
  for (const LevelName& name : names) svg += DrawName(name, right);
  return svg;
}

std::string AxisLabel(const std::string& label, bool log) {
  if (!log) return label;
  return label.empty() ? "log scale" : label + " (log scale)";
}

}  // namespace longplay
