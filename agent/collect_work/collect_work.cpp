// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_work.h"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "agent/collect_work/collect_config.h"
#include "agent/collect_work/task_sources.h"
#include "agent/files/atomic_write.h"
#include "agent/files/crc32c.h"
#include "agent/version.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// All that the recorded bytes depend on, and the version of the program that makes them.
nlohmann::json OptionsRecord(const CollectOptions& options, const std::string& algorithm) {
  nlohmann::json record = {{"env", options.environment},
                           {"steps", options.steps},
                           {"algorithm", algorithm},
                           {"learners", options.learners},
                           {"action-repeat", options.action_repeat},
                           {"max-episode-steps", options.max_episode_steps},
                           {"episodes-per-history", options.episodes_per_history},
                           {"learning-steps", options.learning_steps},
                           {"first-task", options.first_task},
                           {"seed", options.seed},
                           {"labels", options.labels},
                           {"version of longplay", Versions()["longplay"]}};
  record.update(LearnerKeys(options));
  // A task file may have changed under the same name, and so may the files of its model.
  const std::string& task = options.environment;
  if ((task.ends_with(".yaml") || task.ends_with(".yml")) && fs::is_regular_file(task)) {
    record["checksum of the task file"] = Crc32c(Text(task));
    for (const std::string& file : ModelSources(task)) {
      const fs::path name = fs::path(file).lexically_proximate(fs::path(task).parent_path());
      record["checksum of " + name.string()] = Crc32c(Text(file));
    }
  }
  return record;
}

/// "steps 400 instead of 200, seed 1 instead of 0"
std::string Differences(const nlohmann::json& before, const nlohmann::json& now) {
  std::string text;
  for (const auto& [name, value] : now.items()) {
    const nlohmann::json old = before.value(name, nlohmann::json());
    if (old == value) continue;
    text += (text.empty() ? "" : ", ") + name + " " + value.dump() + " instead of " + old.dump();
  }
  return text;
}

void CheckSame(const nlohmann::json& before, const nlohmann::json& now, const std::string& folder) {
  const std::string differences =
      before.is_object() ? Differences(before, now) : "a record that cannot be read";
  if (differences.empty()) return;
  throw std::invalid_argument("collecting data: " + folder +
                              ": expected the options that it was begun with, got " + differences +
                              " (--overwrite without --resume starts anew)");
}

/// Whether something would be lost with the folder.
bool HoldsEpisodes(const std::string& folder) {
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".journal" && entry.file_size() > 0) return true;
  }
  return false;
}

/// Of "out/" too it is beside the folder, not in it.
std::string Beside(const std::string& out, const std::string& ending) {
  const fs::path path(out);
  return (path.has_filename() ? path : path.parent_path()).string() + ending;
}

}  // namespace

std::string CollectWork::FolderOf(const std::string& out) { return Beside(out, ".unfinished"); }

CollectWork::CollectWork(const CollectOptions& options, const std::string& algorithm)
    : folder_(FolderOf(options.out)) {
  const nlohmann::json record = OptionsRecord(options, algorithm);
  const std::string file = path("options.json");
  // Work of an earlier call: gone on with, refused, or dropped.
  if (fs::exists(file)) {
    if (options.start == RunStart::kResume) {
      CheckSame(nlohmann::json::parse(Text(file), nullptr, false), record, folder_);
      return;
    }
    if (options.existing == ExistingData::kRefuse && HoldsEpisodes(folder_)) {
      throw std::invalid_argument("collecting data: " + options.out +
                                  ": expected no unfinished work, got " + folder_ +
                                  " (--resume goes on with it, --overwrite starts anew)");
    }
    Remove();
  }
  // Without options it is none of ours, and nothing in it is touched.
  if (fs::exists(folder_) && !(fs::is_directory(folder_) && fs::is_empty(folder_))) {
    throw std::invalid_argument("collecting data: " + folder_ +
                                ": expected unfinished work or nothing, got something else");
  }
  // The options first: they make the folder ours.
  WriteAtomically(file, record.dump(1) + "\n", "collecting data");
}

void CollectWork::KeepResult(const nlohmann::json& result) const {
  WriteAtomically(path("result.json"), result.dump() + "\n", "collecting data");
}

nlohmann::json CollectWork::ResultOfWritten(const std::string& out) {
  // Until it has its name the data set is another file or folder beside.
  if (!fs::exists(out) || fs::exists(Beside(out, ".partial"))) return {};
  const std::string file = FolderOf(out) + "/result.json";
  return fs::exists(file) ? nlohmann::json::parse(Text(file), nullptr, false) : nlohmann::json();
}

void CollectWork::Remove() const {
  // The options last: what is left of a kill in between is still known as ours.
  for (const auto& entry : fs::directory_iterator(folder_)) {
    if (entry.path().filename() != "options.json") fs::remove_all(entry.path());
  }
  fs::remove_all(folder_);
}

}  // namespace longplay
