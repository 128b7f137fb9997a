// SPDX-License-Identifier: MIT
#include "agent/run_folder.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/config.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// Complete checkpoints by step, the oldest first. Half-written ones end in ".partial".
std::vector<std::pair<int64_t, fs::path>> Checkpoints(const std::string& run) {
  constexpr std::string_view kPrefix = "step_";
  std::vector<std::pair<int64_t, fs::path>> found;
  const fs::path folder = fs::path(run) / "checkpoints";
  if (!fs::is_directory(folder)) return found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    int64_t step = -1;
    const char* end = name.data() + name.size();
    const auto parsed = std::from_chars(name.data() + kPrefix.size(), end, step);
    if (parsed.ec == std::errc() && parsed.ptr == end) found.emplace_back(step, entry.path());
  }
  std::ranges::sort(found);
  return found;
}

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

std::string CheckpointFolder(const std::string& run, int64_t step) {
  return run + "/checkpoints/step_" + std::to_string(step);
}

std::string NewestCheckpoint(const std::string& run) {
  const auto checkpoints = Checkpoints(run);
  return checkpoints.empty() ? "" : checkpoints.back().second.string();
}

void DeleteOldCheckpoints(const std::string& run, int64_t keep) {
  const auto checkpoints = Checkpoints(run);
  for (int64_t i = 0; i + keep < static_cast<int64_t>(checkpoints.size()); ++i) {
    fs::remove_all(checkpoints[i].second);
  }
}

}  // namespace longplay
