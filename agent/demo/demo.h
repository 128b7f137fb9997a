// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace longplay {

struct DemoOptions {
  std::string out = "runs/demo";          // folder for data, runs and report.html
  std::string data;                       // study this file instead of collecting anything
  std::string command = "longplay demo";  // as typed, for the report
  uint64_t seed = 0;
  double scale = 1;  // of data and training; below 1 it is quicker and proves less
};

/// collect → train → evaluate → compare context lengths → report.html, with progress on stderr.
/// Returns the report's path; the report is there from the first minute and grows.
/// Throws as its parts do; what was finished stays in `out`.
std::string RunDemo(const DemoOptions& options);

}  // namespace longplay
