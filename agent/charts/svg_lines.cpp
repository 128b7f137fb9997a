// SPDX-License-Identifier: MIT
// Line charts; agent/charts/chart_marks.h holds what all charts share.
#include <algorithm>
#include <cmath>

#include "agent/charts/chart_frame.h"
#include "agent/charts/chart_marks.h"
#include "agent/charts/chart_thinning.h"
#include "agent/charts/shown_text.h"
#include "agent/charts/shown_value.h"
#include "agent/charts/svg_elements.h"

namespace longplay {
namespace {

constexpr size_t kFewMarks = 6;  // of a line with too many points for one each
constexpr double kApart = 4;     // [px] marks that are closer cover each other

// Indices [begin, end) of consecutive points without a gap.
struct Run {
  size_t begin = 0, end = 0;
  size_t size() const { return end - begin; }
};

template <typename Shown>
std::vector<Run> RunsWhere(size_t count, const Shown& shown) {
  std::vector<Run> runs;
  for (size_t i = 0; i < count; ++i) {
    if (!shown(i)) continue;
    if (runs.empty() || runs.back().end != i) runs.push_back({.begin = i, .end = i});
    runs.back().end = i + 1;
  }
  return runs;
}

std::string Tooltip(const Chart& chart, const ChartSeries& series, size_t i) {
  return series.name + "\n" + chart.x_label + " " + FormatNumber(series.x[i]) + ": " +
         ShownValue(chart, series, i);
}

// The series of a chart on paper: each a little to the side where points would cover each other.
struct Canvas {
  const Chart& chart;
  const PlotArea& plot;
  std::vector<double> shifts;  // [px] of each series

  SvgPoint At(size_t index, double x, double y) const {
    const SvgPoint point = plot.At(x, y);
    return {.x = point.x + shifts[index], .y = point.y};
  }
};

std::vector<SvgPoint> PointsOf(const ChartSeries& series, const PlotArea& plot) {
  std::vector<SvgPoint> points;
  for (size_t i = 0; i < series.x.size(); ++i) {
    if (plot.CanShow(series.x[i], series.y[i])) {
      points.push_back(plot.At(series.x[i], series.y[i]));
    }
  }
  return points;
}

bool Coincide(const std::vector<SvgPoint>& one, const std::vector<SvgPoint>& other) {
  return std::ranges::any_of(one, [&](const SvgPoint& a) {
    return std::ranges::any_of(other, [&](const SvgPoint& b) {
      return std::abs(a.x - b.x) < 1 && std::abs(a.y - b.y) < kApart;
    });
  });
}

// [px] between neighbouring points, whatever their series.
double LeastGap(std::vector<SvgPoint> points) {
  std::ranges::sort(points, {}, &SvgPoint::x);
  double gap = INFINITY;
  for (size_t i = 1; i < points.size(); ++i) {
    const double step = points[i].x - points[i - 1].x;
    if (step > 1) gap = std::min(gap, step);
  }
  return gap;
}

std::vector<double> Shifts(const Chart& chart, const PlotArea& plot) {
  const size_t count = chart.series.size();
  std::vector<double> shifts(count, 0);
  if (!chart.apart) return shifts;
  std::vector<std::vector<SvgPoint>> points;
  std::vector<SvgPoint> all;
  for (const ChartSeries& series : chart.series) {
    // Long lines are not moved: they have no mark on each point that could be covered.
    if (!HasMarks(series)) return shifts;
    points.push_back(PointsOf(series, plot));
    all.insert(all.end(), points.back().begin(), points.back().end());
  }
  bool coincide = false;
  for (size_t i = 0; i < count; ++i) {
    for (size_t k = 0; k < i; ++k) coincide = coincide || Coincide(points[i], points[k]);
  }
  if (!coincide) return shifts;
  // Side by side around their place; all of them leave a gap to the next place.
  const double step = std::min(2 * kApart, 0.6 * LeastGap(all) / static_cast<double>(count));
  for (size_t i = 0; i < count; ++i) {
    shifts[i] = step * (static_cast<double>(i) - static_cast<double>(count - 1) / 2);
  }
  return shifts;
}

std::string Whisker(const SvgPoint& low, const SvgPoint& high) {
  const char* kind = "class=\"whisker\"";
  return SvgLine(low, high, kind) + SvgLine({low.x - 4, low.y}, {low.x + 4, low.y}, kind) +
         SvgLine({high.x - 4, high.y}, {high.x + 4, high.y}, kind);
}

// What of a run is beyond: its points, and one before them for the line to come from.
struct Halves {
  Run within, beyond;
};
Halves Split(const ChartSeries& series, const Run& run) {
  size_t first = run.begin;
  while (first < run.end && series.x[first] <= series.beyond) ++first;
  Halves halves{.within = {run.begin, first}, .beyond = {first, run.end}};
  if (halves.beyond.size() > 0 && halves.within.size() > 0) --halves.beyond.begin;
  return halves;
}

std::string Beyond(const std::string& svg) {
  return svg.empty() ? "" : "<g class=\"beyond\">\n" + svg + "</g>\n";
}

// A lone point has a whisker instead of a band.
std::string Band(const Canvas& canvas, size_t index, const ChartSeries& series, const Run& run) {
  std::vector<SvgPoint> low, high;
  for (size_t i = run.begin; i < run.end; ++i) {
    // Below zero a logarithmic axis has only its lower end.
    const Axis& y = canvas.plot.y;
    const double bound = y.CanShow(series.low[i]) ? series.low[i] : y.low;
    low.push_back(canvas.At(index, series.x[i], bound));
    high.push_back(canvas.At(index, series.x[i], series.high[i]));
  }
  if (run.size() == 0) return "";
  if (run.size() == 1) return Whisker(low[0], high[0]);
  // Along the upper bounds, and back along the lower ones.
  high.insert(high.end(), low.rbegin(), low.rend());
  return "<polygon class=\"band\" points=\"" + SvgPoints(high) + "\"/>\n";
}

std::string Bands(const Canvas& canvas, size_t index, const ChartSeries& series) {
  if (series.low.empty()) return "";
  const PlotArea& plot = canvas.plot;
  std::string svg;
  // The lower bound may be one that the axis cannot show: Band ends there.
  const auto bounded = [&](size_t i) {
    return plot.CanShow(series.x[i], series.y[i]) && FitsAxis(series.low[i], false) &&
           plot.CanShow(series.x[i], series.high[i]);
  };
  for (const Run& run : RunsWhere(series.x.size(), bounded)) {
    const auto [within, beyond] = Split(series, run);
    svg += Band(canvas, index, series, within) + Beyond(Band(canvas, index, series, beyond));
  }
  return svg;
}

std::string Line(const Canvas& canvas, size_t index, const ChartSeries& series, const Run& run) {
  if (run.size() < 2) return "";
  std::vector<SvgPoint> points;
  for (size_t i = run.begin; i < run.end; ++i) {
    points.push_back(canvas.At(index, series.x[i], series.y[i]));
  }
  return "<polyline class=\"line\" points=\"" + SvgPoints(points) + "\"/>\n";
}

// The mark of a point, in its own colour if it has one.
std::string Mark(const Canvas& canvas, size_t index, const ChartSeries& series, size_t i) {
  const std::string mark =
      SvgMark(canvas.At(index, series.x[i], series.y[i]), MarkOf(canvas.chart, index, i),
              Tooltip(canvas.chart, series, i));
  const std::vector<size_t>& colours = canvas.chart.series[index].point_colours;
  const std::string coloured =
      colours.empty() ? mark : "<g class=\"" + ColourClass(colours[i]) + "\">" + mark + "</g>\n";
  return series.x[i] > series.beyond ? Beyond(coloured) : coloured;
}

std::string Dots(const Canvas& canvas, size_t index, const ChartSeries& series) {
  std::string svg;
  for (size_t i = 0; i < series.dots.size(); ++i) {
    for (const double dot : series.dots[i]) {
      if (!canvas.plot.CanShow(series.x[i], dot)) continue;
      svg += SvgDot(canvas.At(index, series.x[i], dot));
    }
  }
  return svg;
}

// The runs that a line is the mean of.
std::string ThinLines(const Canvas& canvas, size_t index, const ChartSeries& series) {
  std::string svg;
  for (const ChartRun& run : series.runs) {
    const auto shown = [&](size_t i) { return canvas.plot.CanShow(run.x[i], run.y[i]); };
    for (const Run& part : RunsWhere(run.x.size(), shown)) {
      if (part.size() < 2) continue;
      std::vector<SvgPoint> points;
      for (size_t i = part.begin; i < part.end; ++i) {
        points.push_back(canvas.At(index, run.x[i], run.y[i]));
      }
      svg += "<polyline class=\"run\" points=\"" + SvgPoints(points) + "\"/>\n";
    }
  }
  return svg;
}

size_t MarkStride(const ChartSeries& series, size_t points) {
  return HasMarks(series) ? 1 : std::max<size_t>(1, points / kFewMarks);
}

// A lone point is marked in any case: no line shows it.
std::string LineAndMarks(const Canvas& canvas, size_t index, const ChartSeries& series) {
  std::string svg, marks;
  const auto shown = [&](size_t i) { return canvas.plot.CanShow(series.x[i], series.y[i]); };
  for (const Run& run : RunsWhere(series.x.size(), shown)) {
    const auto [within, beyond] = Split(series, run);
    svg += Line(canvas, index, series, within) + Beyond(Line(canvas, index, series, beyond));
    const size_t stride = MarkStride(series, run.size());
    // A few of a long line, at places of its own: lines are told apart without their colours.
    const size_t start = run.begin + stride * (index % kFewMarks) / kFewMarks;
    for (size_t i = start; i < run.end; i += stride) marks += Mark(canvas, index, series, i);
  }
  return svg + Dots(canvas, index, series) + marks;
}

// The bands of all series lie below the lines of all series.
std::string DrawSeries(const Chart& chart, const PlotArea& plot) {
  // The same chart with fewer points: all that is asked of a point is asked of a drawn one.
  Chart drawn = chart;
  for (ChartSeries& series : drawn.series) series = Thinned(series, plot);
  const Canvas canvas{.chart = drawn, .plot = plot, .shifts = Shifts(chart, plot)};
  std::string bands, lines;
  for (size_t index = 0; index < drawn.series.size(); ++index) {
    const ChartSeries& series = drawn.series[index];
    const std::string group = "<g class=\"" + SeriesClass(chart, index) + "\">\n";
    bands += group + Bands(canvas, index, series) + ThinLines(canvas, index, series) + "</g>\n";
    lines += group + LineAndMarks(canvas, index, series) + "</g>\n";
  }
  return bands + lines;
}

bool HasValues(const Chart& chart) {
  return std::ranges::any_of(chart.series, [&](const ChartSeries& series) {
    return std::ranges::any_of(series.y, [&](double y) { return FitsAxis(y, chart.log_y); });
  });
}

}  // namespace

std::string DrawLines(const Chart& chart, ChartPaper paper, double& height) {
  const PlotArea plot = MakePlotArea(chart, paper);
  height = plot.picture_height;
  // From back to front.
  std::string svg = DrawFrame(chart, plot) + DrawLevels(chart, plot, paper);
  svg += DrawSeries(chart, plot);
  if (!HasValues(chart)) {
    svg += SvgText({plot.left + plot.width / 2, plot.top + plot.height / 2},
                   "class=\"empty\" text-anchor=\"middle\"", "no data yet");
  }
  return svg;
}

}  // namespace longplay
