// SPDX-License-Identifier: MIT
#include "agent/training/metrics_log.h"

#include <cstdlib>
#include <limits>
#include <stdexcept>

#include "agent/files/atomic_write.h"

namespace longplay {
namespace {

constexpr char kHeader[] =
    "step,loss,learning_rate,gradient_norm,steps_per_second,tokens_per_second,skipped,"
    "wait_share";

std::vector<std::string> RowsUpTo(const std::string& path, int64_t last_step) {
  std::vector<std::string> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);  // header
  while (std::getline(file, line)) {
    if (std::atoll(line.c_str()) <= last_step) rows.push_back(line);
  }
  return rows;
}

}  // namespace

MetricsLog::MetricsLog(const std::string& run, int64_t first_step,
                       const std::vector<std::string>& more)
    : path_(run + "/metrics.csv"), events_(run, first_step) {
  std::string text = kHeader;
  for (const std::string& name : more) text += ',' + name;
  text += '\n';
  for (const std::string& row : RowsUpTo(path_, first_step)) text += row + '\n';
  WriteAtomically(path_, text, "writing metrics");
  csv_.open(path_, std::ios::app);
  csv_.precision(std::numeric_limits<double>::max_digits10);
}

void MetricsLog::Write(const TrainingProgress& progress) {
  csv_ << progress.step << ',' << progress.loss << ',' << progress.learning_rate << ','
       << progress.gradient_norm << ',' << progress.steps_per_second << ','
       << progress.tokens_per_second << ',' << progress.skipped << ',' << progress.wait_share;
  for (const auto& [name, value] : progress.more) csv_ << ',' << value;
  csv_ << std::endl;
  if (!csv_) {
    throw std::runtime_error("writing metrics: " + path_ + ": expected room, got an error");
  }
  events_.Write("loss", progress.step, progress.loss);
  events_.Write("learning_rate", progress.step, progress.learning_rate);
  events_.Write("gradient_norm", progress.step, progress.gradient_norm);
  events_.Write("tokens_per_second", progress.step, progress.tokens_per_second);
  events_.Write("wait_share", progress.step, progress.wait_share);
  for (const auto& [name, value] : progress.more) events_.Write(name, progress.step, value);
  events_.Flush();
}

}  // namespace longplay
