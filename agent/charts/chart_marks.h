// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "agent/charts/chart.h"

namespace longplay {

// How series and levels are told apart: the same in a drawing and in the legend beside it.

/// The classes that give a chart's i-th series its colour and, if dashed, its dashes; ReportStyle
/// defines them.
std::string SeriesClass(const Chart& chart, size_t index);

/// The class of a colour alone.
std::string ColourClass(size_t colour);

/// Which mark the i-th point of a series has.
size_t MarkOf(const Chart& chart, size_t index, size_t point);

/// A short stroke of a series' line with its mark, for legends; an <svg> element.
std::string SeriesSample(const Chart& chart, size_t index);

/// The same for what is drawn dashed and faint, whatever the series; empty where nothing is.
std::string BeyondSample(const Chart& chart);

/// Whether each point of a line is marked: of long lines only a few are.
bool HasMarks(const ChartSeries& series);

/// Whether the level has a value that its axis can show.
bool IsShownLevel(const Chart& chart, size_t index);

/// "a" for the first level that can be shown, "b" for the next ...; by index among chart.levels.
std::string LevelLetter(const Chart& chart, size_t index);

}  // namespace longplay
