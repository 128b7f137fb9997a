// SPDX-License-Identifier: MIT
#include "datasets/columnar/minari_folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "datasets/columnar/space_columns.h"
#include "datasets/data_error.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json ReadMetadataFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  json value = ParsePythonJson(content.str());
  if (!file || !value.is_object()) {
    throw DataError(path, "expected a JSON object, got " +
                              (file ? content.str().substr(0, 40) : "no readable file"));
  }
  return value;
}

std::string TextOf(const json& object, const char* key) {
  return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

int64_t WholeOf(const json& object, const char* key, int64_t missing) {
  return object.contains(key) && object[key].is_number() ? object[key].get<int64_t>() : missing;
}

MinariRecording ReadRecording(const std::string& folder, const std::string& format) {
  MinariRecording recording{.folder = folder};
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != "." + format) continue;
    if (!recording.file.empty()) throw DataError(folder, "expected one table, got several");
    recording.file = entry.path().string();
  }
  if (recording.file.empty()) {
    throw DataError(folder, "expected a table (part-0." + format + "), got none");
  }
  const std::string notes = folder + "/metadata.json";
  if (!fs::exists(notes)) return recording;
  const json metadata = ReadMetadataFile(notes);
  recording.length = WholeOf(metadata, "total_steps", -1);
  if (metadata.contains("seed") && metadata["seed"].is_number_integer()) {
    recording.seed = metadata["seed"].get<uint64_t>();
  }
  return recording;
}

}  // namespace

MinariFolder ReadMinariFolder(const std::string& data) {
  MinariFolder folder;
  const json metadata = ReadMetadataFile(data + "/metadata.json");
  // Folders called by numbers are episodes.
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(data)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && IsDigits(name)) names.push_back(name);
  }
  std::ranges::sort(names, DigitsLess);
  const std::string format = TextOf(metadata, "data_format"), parent = data + "/";
  for (const std::string& name : names) {
    MinariRecording recording = ReadRecording(parent + name, format);
    if (recording.length == 0) {
      folder.empty.push_back(recording.folder);
    } else {
      folder.recordings.push_back(std::move(recording));
    }
  }
  if (folder.recordings.empty()) {
    throw DataError(data, "expected folders of episodes (0, 1 ...), got none");
  }
  // Keys that are missing keep their default.
  folder.observation_space = ParseSpace(TextOf(metadata, "observation_space"));
  folder.action_space = ParseSpace(TextOf(metadata, "action_space"));
  folder.environment = TextOf(metadata, "longplay_environment");
  if (folder.environment.empty()) {
    folder.environment = EnvironmentOfSpec(TextOf(metadata, "env_spec"));
  }
  folder.action_repeat = WholeOf(metadata, "longplay_action_repeat", 1);
  folder.max_episode_steps = WholeOf(metadata, "longplay_max_episode_steps", 0);
  for (const auto& [key, score] : {std::pair("ref_min_score", &folder.reference_min),
                                   std::pair("ref_max_score", &folder.reference_max)}) {
    if (metadata.contains(key) && metadata[key].is_number()) *score = metadata[key].get<double>();
  }
  return folder;
}

bool HoldsMinariTables(const std::string& data) {
  const std::string path = data + "/metadata.json";
  if (!fs::exists(path)) return false;
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  const json metadata = ParsePythonJson(content.str());
  if (!metadata.is_object()) return false;
  const std::string format = TextOf(metadata, "data_format");
  return format == "arrow" || format == "parquet";
}

}  // namespace longplay
