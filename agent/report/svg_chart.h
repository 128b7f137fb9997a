// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/report/report.h"

namespace longplay {

/// The paper a chart is drawn on. Text is 12 px high whatever the width, so each chart is drawn
/// twice and the page shows the one that fits.
enum class ChartPaper {
  kWide,    // 520 px; levels carry their names at the right
  kNarrow,  // 340 px, for phones; levels carry the letters of LevelLetter
};

/// One <svg> element with a title and a description for screen readers; colours and line styles
/// come from the classes that ReportStyle defines. `id` is unique in the page.
/// Throws std::invalid_argument when lengths disagree.
std::string DrawChart(const Chart& chart, ChartPaper paper, const std::string& id);

/// A short piece of a series' line with its mark, for legends; an <svg> element.
std::string SeriesSample(const Chart& chart, size_t index);

/// The classes that give the i-th series of a page its colour and, if `dashed`, its dashes.
std::string SeriesClass(size_t index, bool dashed);

/// "a" for the first level that can be shown, "b" for the next ...; by index among chart.levels.
std::string LevelLetter(const Chart& chart, size_t index);

/// Whether the level has a value that its axis can show.
bool IsShownLevel(const Chart& chart, size_t index);

/// Above 1 for very long lines: how many points are drawn as one, their mean and range (or, with
/// an interval of its own, the first of them).
size_t PointsPerDrawnPoint(const ChartSeries& series);

/// Throws std::invalid_argument, naming the chart, unless all lengths agree.
void CheckChart(const Chart& chart);

}  // namespace longplay
