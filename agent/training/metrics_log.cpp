// SPDX-License-Identifier: MIT
#include "agent/training/metrics_log.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "agent/files/atomic_write.h"

namespace longplay {
namespace {

constexpr char kColumns[] =
    "step,loss,learning_rate,gradient_norm,steps_per_second,tokens_per_second,skipped,"
    "wait_share";

std::vector<std::string> Cells(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
  return cells;
}

/// The rows up to a step, under `header`: what an earlier run did not measure is no number.
std::string RowsUpTo(const std::string& path, int64_t last_step, const std::string& header) {
  std::ifstream file(path);
  std::string rows, line;
  std::getline(file, line);
  // By name, not by place: a run that goes on may have other columns.
  const std::vector<std::string> before = Cells(line), now = Cells(header);
  while (std::getline(file, line)) {
    // Without its end it is a row that a kill cut short: "10" may be of step 100.
    if (file.eof()) break;
    if (std::atoll(line.c_str()) > last_step) continue;
    const std::vector<std::string> cells = Cells(line);
    std::string row;
    for (const std::string& name : now) {
      const auto at = static_cast<size_t>(std::ranges::find(before, name) - before.begin());
      row += (row.empty() ? "" : ",") + (at < cells.size() ? cells[at] : "nan");
    }
    rows += row + '\n';
  }
  return rows;
}

}  // namespace

MetricsLog::MetricsLog(const std::string& run, int64_t first_step,
                       const std::vector<std::string>& more)
    : path_(run + "/metrics.csv"), events_(run, first_step) {
  std::string header = kColumns;
  for (const std::string& name : more) header += ',' + name;
  WriteAtomically(path_, header + '\n' + RowsUpTo(path_, first_step, header), "writing metrics");
  csv_.open(path_, std::ios::app);
  csv_.precision(std::numeric_limits<double>::max_digits10);
}

void MetricsLog::Write(const TrainingProgress& progress) {
  csv_ << progress.step << ',' << progress.loss << ',' << progress.learning_rate << ','
       << progress.gradient_norm << ',' << progress.steps_per_second << ','
       << progress.tokens_per_second << ',' << progress.skipped << ',' << progress.wait_share;
  for (const auto& [name, value] : progress.more) csv_ << ',' << value;
  // Flushed row by row: a kill costs the running one at most.
  csv_ << std::endl;
  if (!csv_) {
    throw std::runtime_error("writing metrics: " + path_ + ": expected room, got an error");
  }
  events_.Write("loss", progress.step, progress.loss);
  events_.Write("learning_rate", progress.step, progress.learning_rate);
  events_.Write("gradient_norm", progress.step, progress.gradient_norm);
  events_.Write("tokens_per_second", progress.step, progress.tokens_per_second);
  events_.Write("wait_share", progress.step, progress.wait_share);
  for (const auto& [name, value] : progress.more) {
    // TensorBoard has no gaps: what was not measured is left out.
    if (!std::isnan(value)) events_.Write(name, progress.step, value);
  }
  events_.Flush();
}

}  // namespace longplay
