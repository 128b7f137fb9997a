// SPDX-License-Identifier: MIT
#include "agent/charts/chart_thinning.h"

#include <algorithm>
#include <cmath>

namespace longplay {
namespace {

constexpr size_t kMostDrawnPoints = 160;  // of one line; more cannot be told apart at 520 px

// The series without its points: one of fewer takes their place.
ChartSeries WithoutPoints(ChartSeries series) {
  series.x = series.y = series.low = series.high = {};
  series.dots = {};
  series.point_colours = {};
  series.runs = {};
  return series;
}

// What belongs to point i alone, where points have it: its dots, its mark's colour.
void AddOwn(const ChartSeries& series, size_t i, ChartSeries& thin) {
  if (!series.dots.empty()) thin.dots.push_back(series.dots[i]);
  if (!series.point_colours.empty()) thin.point_colours.push_back(series.point_colours[i]);
}

// Of points with intervals of their own some are left out: means have other intervals.
ChartSeries EveryNth(const ChartSeries& series, size_t stride) {
  ChartSeries thin = WithoutPoints(series);
  for (size_t i = 0; i < series.x.size(); i += stride) {
    thin.x.push_back(series.x[i]);
    thin.y.push_back(series.y[i]);
    thin.low.push_back(series.low[i]);
    thin.high.push_back(series.high[i]);
    AddOwn(series, i, thin);
  }
  return thin;
}

// Where the points end that are drawn as one: none is partly beyond.
size_t EndOfMean(const ChartSeries& series, size_t begin, size_t stride) {
  const size_t most = std::min(begin + stride, series.x.size());
  const bool beyond = series.x[begin] > series.beyond;
  size_t end = begin + 1;
  while (end < most && (series.x[end] > series.beyond) == beyond) ++end;
  return end;
}

// Each `stride` points as their mean, with their range as the interval.
ChartSeries Means(const ChartSeries& series, size_t stride, const PlotArea& plot) {
  ChartSeries thin = WithoutPoints(series);
  for (size_t begin = 0, end = 0; begin < series.x.size(); begin = end) {
    end = EndOfMean(series, begin, stride);
    double x = 0, y = 0, low = INFINITY, high = -INFINITY, count = 0;
    for (size_t i = begin; i < end; ++i) {
      if (!plot.CanShow(series.x[i], series.y[i])) continue;
      ++count;
      // Running means, for sums of huge numbers are not finite.
      x += (series.x[i] - x) / count;
      y += (series.y[i] - y) / count;
      low = std::min(low, series.y[i]);
      high = std::max(high, series.y[i]);
    }
    thin.x.push_back(count > 0 ? x : NAN);
    thin.y.push_back(count > 0 ? y : NAN);
    thin.low.push_back(low);
    thin.high.push_back(high);
    AddOwn(series, begin, thin);
  }
  return thin;
}

}  // namespace

size_t PointsPerDrawnPoint(const ChartSeries& series) {
  return (series.x.size() + kMostDrawnPoints - 1) / kMostDrawnPoints;
}

ChartSeries Thinned(const ChartSeries& series, const PlotArea& plot) {
  const size_t stride = PointsPerDrawnPoint(series);
  ChartSeries thin = stride <= 1          ? series
                     : series.low.empty() ? Means(series, stride, plot)
                                          : EveryNth(series, stride);
  // Runs are lines of their own, of as many points as they have.
  thin.runs = series.runs;
  for (ChartRun& run : thin.runs) {
    ChartSeries line{.name = run.name, .x = run.x, .y = run.y};
    const size_t points = PointsPerDrawnPoint(line);
    if (points <= 1) continue;
    line = Means(line, points, plot);
    run = {.name = run.name, .x = line.x, .y = line.y};
  }
  return thin;
}

}  // namespace longplay
