// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace longplay {

struct DemoOptions {
  std::string out = "runs/demo";          // folder for data, runs and report.html
  std::string data;                       // compare on this file instead of collecting anything
  std::string command = "longplay demo";  // as typed, for the report
  uint64_t seed = 0;
  double scale = 1;  // of data and training; below 1 it is quicker and proves less
};

/// Collects data and makes the comparison of configs/demo.yaml on them, with progress on stderr; the
/// policy with the longest context is filmed. Returns the report's path; the report is there from
/// the first minute and grows. What was finished stays in `out`, and is not made again.
/// Throws as its parts do.
std::string RunDemo(const DemoOptions& options);

}  // namespace longplay
