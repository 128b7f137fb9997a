// SPDX-License-Identifier: MIT
// Line charts; agent/report/chart_marks.h holds what all charts share.
#include <algorithm>
#include <cmath>

#include "agent/report/chart_frame.h"
#include "agent/report/chart_marks.h"
#include "agent/report/report_text.h"
#include "agent/report/svg_elements.h"

namespace longplay {
namespace {

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
  std::string text = series.name + "\n" + chart.x_label + " " + FormatNumber(series.x[i]) + ": " +
                     FormatNumber(series.y[i]);
  if (!series.low.empty()) {
    text += " [" + FormatNumber(series.low[i]) + ", " + FormatNumber(series.high[i]) + "]";
  }
  return text;
}

ChartSeries EveryNth(const ChartSeries& series, size_t stride) {
  ChartSeries thin{.name = series.name, .x = {}, .y = {}, .low = {}, .high = {}};
  for (size_t i = 0; i < series.x.size(); i += stride) {
    thin.x.push_back(series.x[i]);
    thin.y.push_back(series.y[i]);
    thin.low.push_back(series.low[i]);
    thin.high.push_back(series.high[i]);
  }
  return thin;
}

// Each `stride` points as their mean, with their range as the interval.
ChartSeries Means(const ChartSeries& series, size_t stride, const PlotArea& plot) {
  ChartSeries thin{.name = series.name, .x = {}, .y = {}, .low = {}, .high = {}};
  for (size_t begin = 0; begin < series.x.size(); begin += stride) {
    double x = 0, y = 0, low = INFINITY, high = -INFINITY, count = 0;
    for (size_t i = begin; i < std::min(begin + stride, series.x.size()); ++i) {
      if (!plot.CanShow(series.x[i], series.y[i])) continue;
      ++count;
      x += (series.x[i] - x) / count;
      y += (series.y[i] - y) / count;
      low = std::min(low, series.y[i]);
      high = std::max(high, series.y[i]);
    }
    thin.x.push_back(count > 0 ? x : NAN);
    thin.y.push_back(count > 0 ? y : NAN);
    thin.low.push_back(low);
    thin.high.push_back(high);
  }
  return thin;
}

ChartSeries Thinned(const ChartSeries& series, const PlotArea& plot) {
  const size_t stride = PointsPerDrawnPoint(series);
  if (stride <= 1) return series;
  return series.low.empty() ? Means(series, stride, plot) : EveryNth(series, stride);
}

std::string Whisker(const SvgPoint& low, const SvgPoint& high) {
  const char* kind = "class=\"whisker\"";
  return SvgLine(low, high, kind) + SvgLine({low.x - 4, low.y}, {low.x + 4, low.y}, kind) +
         SvgLine({high.x - 4, high.y}, {high.x + 4, high.y}, kind);
}

// A lone point has a whisker instead of a band.
std::string Bands(const ChartSeries& series, const PlotArea& plot) {
  if (series.low.empty()) return "";
  std::string svg;
  const auto bounded = [&](size_t i) {
    return plot.CanShow(series.x[i], series.y[i]) && FitsAxis(series.low[i], false) &&
           plot.CanShow(series.x[i], series.high[i]);
  };
  for (const Run& run : RunsWhere(series.x.size(), bounded)) {
    std::vector<SvgPoint> low, high;
    for (size_t i = run.begin; i < run.end; ++i) {
      // Below zero a logarithmic axis has only its lower end.
      const double bound = plot.y.CanShow(series.low[i]) ? series.low[i] : plot.y.low;
      low.push_back(plot.At(series.x[i], bound));
      high.push_back(plot.At(series.x[i], series.high[i]));
    }
    if (run.size() == 1) {
      svg += Whisker(low[0], high[0]);
      continue;
    }
    high.insert(high.end(), low.rbegin(), low.rend());
    svg += "<polygon class=\"band\" points=\"" + SvgPoints(high) + "\"/>\n";
  }
  return svg;
}

// A lone point is marked in any case: no line shows it.
std::string LineAndMarks(const Chart& chart, size_t index, const ChartSeries& series,
                         const PlotArea& plot) {
  std::string svg;
  const auto shown = [&](size_t i) { return plot.CanShow(series.x[i], series.y[i]); };
  for (const Run& run : RunsWhere(series.x.size(), shown)) {
    std::vector<SvgPoint> points;
    for (size_t i = run.begin; i < run.end; ++i)
      points.push_back(plot.At(series.x[i], series.y[i]));
    if (run.size() > 1) {
      svg += "<polyline class=\"line\" points=\"" + SvgPoints(points) + "\"/>\n";
    }
    if (run.size() > 1 && !HasMarks(series)) continue;
    for (size_t i = run.begin; i < run.end; ++i) {
      svg += SvgMark(points[i - run.begin], index, Tooltip(chart, series, i));
    }
  }
  return svg;
}

// The bands of all series lie below the lines of all series.
std::string DrawSeries(const Chart& chart, const PlotArea& plot) {
  std::string bands, lines;
  for (size_t index = 0; index < chart.series.size(); ++index) {
    const ChartSeries series = Thinned(chart.series[index], plot);
    const std::string group =
        "<g class=\"" + SeriesClass(index, chart.series[index].dashed) + "\">\n";
    bands += group + Bands(series, plot) + "</g>\n";
    lines += group + LineAndMarks(chart, index, series, plot) + "</g>\n";
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
  std::string svg = DrawFrame(chart, plot) + DrawLevels(chart, plot, paper);
  svg += DrawSeries(chart, plot);
  if (!HasValues(chart)) {
    svg += SvgText({plot.left + plot.width / 2, plot.top + plot.height / 2},
                   "class=\"empty\" text-anchor=\"middle\"", "no data yet");
  }
  return svg;
}

}  // namespace longplay
