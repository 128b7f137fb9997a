// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/charts/chart.h"

namespace longplay {

/// The rows of a chart (RFC 4180): the fields `before`, then series,x,y,low,high as WriteReportCsv
/// has them. Throws std::invalid_argument when lengths disagree.
std::string ChartRows(const std::vector<std::string>& before, const Chart& chart);

/// The same with a header, and nothing before. Throws as ChartRows does.
std::string ChartCsv(const Chart& chart);

/// A table as it is shown (RFC 4180), with its header; minus signs are those of ASCII.
std::string TableCsv(const Table& table);

/// A link that saves the text as a file, "training-loss.csv" of "Training loss"; the page holds the
/// text itself. Empty for texts that would make the page large: report.csv has those.
std::string CsvLink(const std::string& csv, const std::string& title);

}  // namespace longplay
