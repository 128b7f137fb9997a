// SPDX-License-Identifier: MIT
#include "agent/runs/run_folder.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "agent/config/config.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::string PrepareRun(const std::string& run, const RunOptions& options, RunStart start) {
  fs::create_directories(run + "/checkpoints");
  const std::string checkpoint = NewestCheckpoint(run);
  if (start == RunStart::kFresh && !checkpoint.empty()) {
    throw std::invalid_argument("training: " + run +
                                ": expected an empty run folder (or --resume), got checkpoints");
  }
  if (!(std::ofstream(run + "/config.yaml") << ConfigToYaml(options)).flush()) {
    throw std::runtime_error("training: " + run + ": expected a writable folder, got none");
  }
  return start == RunStart::kResume ? checkpoint : "";
}

std::vector<int64_t> CheckpointSteps(const std::string& run) {
  constexpr std::string_view kPrefix = "step_";
  std::vector<int64_t> steps;
  const fs::path folder = fs::path(run) / "checkpoints";
  if (!fs::is_directory(folder)) return steps;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    int64_t step = -1;
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, step);
    // Half-written ones end in ".partial".
    if (parsed.ec == std::errc() && parsed.ptr == end && step >= 0) steps.push_back(step);
  }
  std::ranges::sort(steps);
  return steps;
}

std::string CheckpointFolder(const std::string& run, int64_t step) {
  return run + "/checkpoints/step_" + std::to_string(step);
}

std::string NewestCheckpoint(const std::string& run) {
  const std::vector<int64_t> steps = CheckpointSteps(run);
  return steps.empty() ? "" : CheckpointFolder(run, steps.back());
}

void DeleteOldCheckpoints(const std::string& run, int64_t keep) {
  const std::vector<int64_t> steps = CheckpointSteps(run);
  for (int64_t i = 0; i + keep < static_cast<int64_t>(steps.size()); ++i) {
    fs::remove_all(CheckpointFolder(run, steps[i]));
  }
}

}  // namespace longplay
