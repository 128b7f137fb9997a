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
  const json metadata = ReadJsonObject(notes);
  recording.length = WholeOf(metadata, "total_steps", -1);
  if (metadata.contains("seed") && metadata["seed"].is_number_integer()) {
    recording.seed = metadata["seed"].get<uint64_t>();
  }
  return recording;
}

}  // namespace

MinariFolder ReadMinariFolder(const std::string& data) {
  MinariFolder folder;
  folder.metadata = ParseMinariMetadata(ReadJsonObject(data + "/metadata.json"));
  // Folders called by numbers are episodes.
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(data)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && IsDigits(name)) names.push_back(name);
  }
  std::ranges::sort(names, DigitsLess);
  const std::string format = folder.metadata.data_format, parent = data + "/";
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
  return folder;
}

bool HoldsMinariTables(const std::string& data) {
  // One that cannot be read is told by who reads the folder.
  std::ifstream file(data + "/metadata.json");
  std::ostringstream content;
  content << file.rdbuf();
  const json metadata = ParsePythonJson(content.str());
  if (!metadata.is_object()) return false;
  const std::string format = ParseMinariMetadata(metadata).data_format;
  return format == "arrow" || format == "parquet";
}

}  // namespace longplay
