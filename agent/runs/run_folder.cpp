// SPDX-License-Identifier: MIT
#include "agent/runs/run_folder.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "agent/config/config.h"
#include "agent/files/atomic_write.h"

namespace longplay {

namespace fs = std::filesystem;

namespace {

/// Whether the files can be read that say what it is a checkpoint of.
bool IsReadable(const std::string& checkpoint) {
  const std::string path = checkpoint + "/config.yaml";
  std::ifstream file(path);
  const std::string config{std::istreambuf_iterator<char>(file), {}};
  if (config.empty()) return false;
  try {
    ParseConfig(config, path, {});
  } catch (const std::invalid_argument&) {
    return false;
  }
  std::ifstream record(checkpoint + "/policy.json");
  return nlohmann::json::parse(record, nullptr, false).is_object();
}

}  // namespace

std::string RunName(const std::string& path) {
  // Of "data/hopper/" and "." too it is the folder's name.
  const fs::path whole = (fs::current_path() / path).lexically_normal();
  const std::string name = (whole.has_filename() ? whole : whole.parent_path()).stem();
  return name.empty() ? "run" : name;
}

void PrepareRun(const std::string& run, RunStart start) {
  std::error_code error;
  fs::create_directories(run + "/checkpoints", error);
  if (error) {
    throw std::runtime_error("training: " + run +
                             ": expected a writable folder, got: " + error.message());
  }
  if (start == RunStart::kFresh) CheckUnused(run);
}

void CheckUnused(const std::string& run) {
  if (NewestCheckpoint(run).empty()) return;
  throw std::invalid_argument("training: " + run +
                              ": expected an empty run folder, got checkpoints (--resume " + run +
                              " goes on with them, --out DIR makes another run)");
}

void WriteRunConfig(const std::string& run, const RunOptions& options) {
  WriteAtomically(run + "/config.yaml", ConfigToYaml(options), "training");
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

std::string NewestReadableCheckpoint(const std::string& run) {
  std::vector<int64_t> steps = CheckpointSteps(run);
  while (!steps.empty() && !IsReadable(CheckpointFolder(run, steps.back()))) steps.pop_back();
  return steps.empty() ? "" : CheckpointFolder(run, steps.back());
}

void SetAsideCheckpoint(const std::string& run, int64_t step) {
  const std::string folder = CheckpointFolder(run, step), aside = folder + ".damaged";
  fs::remove_all(aside);  // of an earlier time
  fs::rename(folder, aside);
}

void DeleteOldCheckpoints(const std::string& run, int64_t keep) {
  const std::vector<int64_t> steps = CheckpointSteps(run);
  // Ascending: the newest stand at the end.
  for (int64_t i = 0; i + keep < static_cast<int64_t>(steps.size()); ++i) {
    fs::remove_all(CheckpointFolder(run, steps[i]));
  }
}

}  // namespace longplay
