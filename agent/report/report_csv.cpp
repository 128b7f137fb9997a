// SPDX-License-Identifier: MIT
#include <string>

#include "agent/files/atomic_write.h"
#include "agent/report/csv_link.h"
#include "agent/report/report.h"

namespace longplay {

void WriteReportCsv(const Report& report, const std::string& path) {
  std::string csv = "section,chart,series,x,y,low,high\r\n";
  for (const ReportSection& section : report.sections) {
    for (const Chart& chart : section.charts) {
      csv += ChartRows({section.title, chart.title}, chart);
    }
  }
  WriteAtomically(path, csv, "writing the report's figures");
}

}  // namespace longplay
