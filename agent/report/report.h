// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/report/chart.h"

namespace longplay {

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
/// interval. A series' points beyond what it is about are a series of their own,
/// "4 episodes (beyond training)". Written atomically; throws as WriteReport.
void WriteReportCsv(const Report& report, const std::string& path);

}  // namespace longplay
