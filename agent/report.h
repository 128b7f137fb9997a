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

struct Chart {
  std::string title, x_label, y_label;
  std::string caption;  // what to read from it; how many seeds; what the band is
  std::vector<ChartSeries> series;
  std::vector<ChartSeries> levels;  // horizontal references: y[0] alone (data mean, oracle ...)
  bool log_x = false;
};

struct Table {
  std::string title, caption;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};

struct ReportSection {
  std::string title, text;  // text is plain paragraphs, separated by blank lines
  std::vector<Chart> charts;
  std::vector<Table> tables;
  std::string video;  // path of an mp4 to embed, or empty
  std::string video_caption;
};

struct Report {
  std::string title, summary;  // summary: the finding in two or three sentences
  std::string command;         // that made it
  std::string status;          // "running: training 8 episodes" ... or "complete"
  std::vector<ReportSection> sections;
  std::optional<int> refresh_seconds;  // reload in the browser while work goes on
};

/// One self-contained HTML file (SVG charts, video inlined, no network, light and dark, phone and
/// desktop), written atomically. Throws std::runtime_error when it cannot be written.
void WriteReport(const Report& report, const std::string& path);

/// Everything as rows "section,chart,series,x,y,low,high".
void WriteReportCsv(const Report& report, const std::string& path);

}  // namespace longplay
