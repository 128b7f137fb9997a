// SPDX-License-Identifier: MIT
#include <charconv>
#include <cmath>
#include <string>

#include "agent/files/atomic_write.h"
#include "agent/report/chart.h"
#include "agent/report/report.h"

namespace longplay {
namespace {

// RFC 4180: quoted where it must be, quotes doubled.
std::string Field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// The shortest digits that read back as the same number; "nan", "inf", "-inf" as such.
std::string Field(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return std::string(text, end);
}

std::string Bound(const std::vector<double>& bound, size_t i) {
  return i < bound.size() && !std::isnan(bound[i]) ? Field(bound[i]) : "";
}

std::string Rows(const std::string& start, const Chart& chart, const ChartSeries& series) {
  std::string rows;
  const bool bars = chart.kind == ChartKind::kBars;
  for (size_t i = 0; i < series.y.size(); ++i) {
    const bool beyond = !bars && series.x[i] > series.beyond;
    rows += start + Field(series.name + (beyond ? " (" + chart.beyond + ")" : "")) + "," +
            (bars ? Field(chart.categories[i]) : Field(series.x[i])) + "," + Field(series.y[i]) +
            "," + Bound(series.low, i) + "," + Bound(series.high, i) + "\r\n";
  }
  return rows;
}

}  // namespace

void WriteReportCsv(const Report& report, const std::string& path) {
  std::string csv = "section,chart,series,x,y,low,high\r\n";
  for (const ReportSection& section : report.sections) {
    for (const Chart& chart : section.charts) {
      CheckChart(chart);
      const std::string start = Field(section.title) + "," + Field(chart.title) + ",";
      for (const ChartSeries& series : chart.series) csv += Rows(start, chart, series);
      // A level is one row without a place on x.
      for (const ChartSeries& level : chart.levels) {
        if (level.y.empty()) continue;
        csv += start + Field(level.name) + ",," + Field(level.y[0]) + "," + Bound(level.low, 0) +
               "," + Bound(level.high, 0) + "\r\n";
      }
    }
  }
  WriteAtomically(path, csv, "writing the report's figures");
}

}  // namespace longplay
