// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/charts/chart.h"
#include "agent/charts/chart_axis.h"
#include "agent/charts/chart_paper.h"
#include "agent/charts/svg_elements.h"

namespace longplay {

/// The rectangle inside the axes of a line chart, and the picture around it.
struct PlotArea {
  double picture_width = 0, picture_height = 0;     // [px]
  double left = 0, top = 0, width = 0, height = 0;  // [px]
  Axis x, y;

  bool CanShow(double x_value, double y_value) const;
  SvgPoint At(double x_value, double y_value) const;
};

/// Margins for the labels around it, axes over everything in the chart.
PlotArea MakePlotArea(const Chart& chart, ChartPaper paper);

/// Grid, axes, their labels.
std::string DrawFrame(const Chart& chart, const PlotArea& plot);

/// Dashed lines across the plot, named at the right; names never overlap.
std::string DrawLevels(const Chart& chart, const PlotArea& plot, ChartPaper paper);

/// "accuracy", or "accuracy (log scale)".
std::string AxisLabel(const std::string& label, bool log);

/// A chart of kind kBars, without the <svg> around it; `height` receives the picture's height.
std::string DrawBars(const Chart& chart, ChartPaper paper, double& height);

/// The same for kLines.
std::string DrawLines(const Chart& chart, ChartPaper paper, double& height);

}  // namespace longplay
