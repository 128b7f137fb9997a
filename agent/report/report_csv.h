// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/charts/chart.h"

namespace longplay {

/// The chart's part of WriteReportCsv, with a header and without the section.
/// Throws std::invalid_argument when lengths disagree.
std::string ChartCsv(const Chart& chart);

/// A table as it is shown (RFC 4180), with its header; minus signs are those of ASCII.
std::string TableCsv(const Table& table);

/// A link that saves the text as a file, "training-loss.csv" of "Training loss"; the page holds the
/// text itself. Empty for texts that would make the page large: report.csv has those.
std::string CsvLink(const std::string& csv, const std::string& title);

}  // namespace longplay
