// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace longplay {

/// One line of a chart; `low` and `high` (same length as x, or empty) bound its 95 % interval.
struct ChartSeries {
  std::string name;
  std::vector<double> x, y, low, high;
  bool dashed = false;  // references and baselines
};

enum class ChartKind {
  kLines,
  kBars,  // one group of horizontal bars for each category
};

/// Values that are not finite, or not positive on a logarithmic axis, are left out as gaps. A line
/// of very many points without an interval is drawn as means over runs of points, shaded by their
/// range, and the figure says so.
struct Chart {
  std::string title, x_label, y_label;
  std::string caption;              // what to read from it; how many seeds; what the band is
  std::vector<ChartSeries> series;  // kBars: y[i], low[i], high[i] belong to categories[i]
  std::vector<ChartSeries> levels;  // references across the chart: y[0] alone (data mean ...)
  bool log_x = false;               // without effect on kBars
  bool log_y = false;               // the axis of the values, also for kBars
  ChartKind kind = ChartKind::kLines;
  std::vector<std::string> categories = {};  // kBars only, e.g. "8 episodes"
};

struct Table {
  std::string title, caption;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

struct ReportSection {
  std::string title, text = {};  // text is plain paragraphs, separated by blank lines
  std::vector<Chart> charts = {};
  std::vector<Table> tables = {};
  std::string video = {};  // path of an mp4 to embed, or empty
  std::string video_caption = {};
};

struct Report {
  std::string title, summary;  // summary: the finding in two or three sentences
  std::string command;         // that made it
  std::string status;          // "running: training 8 episodes" ... or "complete"
  std::vector<ReportSection> sections;
  std::optional<int> refresh_seconds;  // reload in the browser while work goes on
};

/// One self-contained HTML file (SVG charts, video inlined, no network, light and dark, phone and
/// desktop), written atomically: a reader sees the old file or the new one, never a part.
/// The same report gives the same bytes.
/// Throws std::invalid_argument when lengths inside a chart or a table disagree,
/// std::runtime_error when a video cannot be read or the file cannot be written.
void WriteReport(const Report& report, const std::string& path);

/// The charts as rows "section,chart,series,x,y,low,high" (RFC 4180), numbers with all their
/// digits; x is empty for levels and the category for bars; low and high are empty without an
/// interval. Written atomically; throws as WriteReport.
void WriteReportCsv(const Report& report, const std::string& path);

}  // namespace longplay
