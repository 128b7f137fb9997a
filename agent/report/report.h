// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/charts/chart.h"

namespace longplay {

/// [bytes] Larger films stay beside a page, which holds the others.
inline constexpr uintmax_t kLargestVideo = 16 << 20;

/// An mp4 to embed.
struct ReportVideo {
  std::string path, caption = {};
};

struct ReportSection {
  std::string title, text = {};  // text is plain paragraphs, separated by blank lines
  std::vector<Chart> charts = {};
  std::vector<Table> tables = {};
  std::vector<ReportVideo> videos = {};
};

struct Report {
  std::string title, summary;  // summary: paragraphs; the first one is the answer
  std::string command;         // that made it
  std::string status;          // "running: training 8 episodes" ... or "complete"
  std::vector<ReportSection> sections;
  std::optional<int> refresh_seconds;  // reload in the browser while work goes on
  std::string csv = {};  // name of the file beside the report that WriteReportCsv wrote, or empty
};

/// One self-contained HTML file (SVG charts whose values a pointer shows, tables that can be saved
/// as CSV, videos inlined, no network, light and dark, phone, desktop and paper), written atomically: a reader sees the old file or the new one, never a part.
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
