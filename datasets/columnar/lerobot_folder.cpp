// SPDX-License-Identifier: MIT
#include "datasets/columnar/lerobot_folder.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/formats/space_json.h"
#include "datasets/parquet/parquet_table.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file)
    throw DataError(path, std::string("expected a readable file, got ") + std::strerror(errno));
  return content.str();
}

json ReadJson(const std::string& path) {
  const std::string text = ReadText(path);
  json value = ParsePythonJson(text);
  if (!value.is_object()) {
    throw DataError(path, "expected a JSON object, got " + text.substr(0, 40));
  }
  return value;
}

int64_t Whole(const json& object, const char* key, int64_t missing) {
  const auto value = object.find(key);
  return value != object.end() && value->is_number() ? value->get<int64_t>() : missing;
}

std::string Text(const json& object, const char* key, const std::string& missing = "") {
  const auto value = object.find(key);
  return value != object.end() && value->is_string() ? value->get<std::string>() : missing;
}

/// A Gymnasium id ends in -v and a number; a robot's name does not.
bool IsEnvironmentId(const std::string& name) {
  const std::string id = name.substr(0, name.find('?'));
  const size_t v = id.rfind("-v");
  return v != std::string::npos && v > 0 && v + 2 < id.size() &&
         id.find_first_not_of("0123456789", v + 2) == std::string::npos;
}

/// "data/chunk-{chunk_index:03d}/..." with numbers in place of their names, as Python formats them.
std::string FillTemplate(const std::string& text, const std::map<std::string, int64_t>& numbers,
                         const std::string& where) {
  std::string path;
  for (size_t at = 0; at < text.size(); ++at) {
    const size_t close = text[at] == '{' ? text.find('}', at) : std::string::npos;
    if (close == std::string::npos) {
      path += text[at];
      continue;
    }
    const std::string field = text.substr(at + 1, close - at - 1);
    const size_t colon = std::min(field.find(':'), field.size());
    const auto number = numbers.find(field.substr(0, colon));
    if (number == numbers.end()) {
      throw DataError(where, "expected a path of chunk and file or episode, got " + text);
    }
    // ":03d" is the only format in use.
    size_t width = 0;
    std::from_chars(field.data() + std::min(colon + 1, field.size()), field.data() + field.size(),
                    width);
    const std::string digits = std::to_string(number->second);
    path += std::string(std::min<size_t>(width, 20) - std::min({width, size_t{20}, digits.size()}),
                        '0') +
            digits;
    at = close;
  }
  // A file of the data set, wherever it came from.
  if (path.starts_with('/') || path.find("..") != std::string::npos) {
    throw DataError(where, "expected a path inside the data set, got " + path);
  }
  return path;
}

void ReadFeatures(const json& info, const std::string& where, LerobotFolder& folder) {
  const auto features = info.find("features");
  if (features == info.end() || !features->is_object()) {
    throw DataError(where, "expected features, got none");
  }
  const std::string place = where + ":features/";
  for (const auto& [name, value] : features->items()) {
    LerobotFeature feature{.name = name, .type = Text(value, "dtype")};
    if (value.contains("shape") && value["shape"].is_array()) {
      for (const json& size : value["shape"]) {
        feature.shape.push_back(size.is_number_integer() ? size.get<int64_t>() : 0);
      }
    }
    if (feature.is_number() && (feature.row_size() < 1 || feature.row_size() > 1'000'000)) {
      throw DataError(place + name, "expected a shape of 1 to 1000000 numbers, got another");
    }
    folder.features.push_back(std::move(feature));
  }
}

/// What our own writer adds.
void ReadOwnNotes(LerobotFolder& folder) {
  const std::string path = folder.path + "/meta/longplay.json";
  if (!fs::exists(path)) return;
  const json notes = ReadJson(path);
  const auto bounds = [&](const char* key) {
    std::vector<double> values;
    for (const json& value : notes.value(key, json::array())) {
      const double infinity = value == "-inf" ? -HUGE_VAL : HUGE_VAL;
      values.push_back(value.is_number() ? value.get<double>() : infinity);
    }
    return values;
  };
  folder.environment = Text(notes, "environment");
  folder.action_low = bounds("action_low");
  folder.action_high = bounds("action_high");
  folder.actions = Whole(notes, "actions", 0);
  folder.action_start = Whole(notes, "action_start", 0);
  folder.action_repeat = Whole(notes, "action_repeat", 1);
  folder.max_episode_steps = Whole(notes, "max_episode_steps", 0);
  for (const auto& [key, score] : {std::pair("reference_min", &folder.reference_min),
                                   std::pair("reference_max", &folder.reference_max)}) {
    if (notes.contains(key) && notes[key].is_number()) *score = notes[key].get<double>();
  }
}

/// What is said of an episode's length, if it can be.
int64_t LengthOf(int64_t length, int64_t from, int64_t to) {
  constexpr int64_t kMost = int64_t{1} << 40;
  const int64_t said = length < 0 && from >= 0 && to >= from ? to - from : length;
  return said > kMost ? -1 : said;
}

/// Episodes of v3: rows of Parquet tables.
void ReadEpisodeTable(const std::string& path, const std::string& data_path,
                      LerobotFolder& folder) {
  const ParquetTable table(path);
  const auto numbers = [&](const std::string& name, int64_t missing) {
    return table.Find(name) != nullptr ? table.ReadWholeNumbers(name)
                                       : std::vector<int64_t>(table.rows(), missing);
  };
  table.Column("episode_index");  // these three must be there
  table.Column("data/chunk_index");
  table.Column("data/file_index");
  const auto index = numbers("episode_index", 0), length = numbers("length", -1);
  const auto chunk = numbers("data/chunk_index", 0), file = numbers("data/file_index", 0);
  const auto from = numbers("dataset_from_index", -1), to = numbers("dataset_to_index", -1);
  const auto ends = numbers("longplay/ends", -1), history = numbers("longplay/history", 0);
  const auto has_seed = numbers("longplay/has_seed", 0), seed = numbers("longplay/seed", 0);
  for (size_t row = 0; row < index.size(); ++row) {
    const std::string name = FillTemplate(
        data_path, {{"chunk_index", chunk[row]}, {"file_index", file[row]}}, path + ":data");
    LerobotEpisode episode{.index = index[row],
                           .length = LengthOf(length[row], from[row], to[row]),
                           .from = from[row],
                           .to = to[row],
                           .file = folder.path + "/" + name,
                           .where = path + "[" + std::to_string(row) + "]",
                           .ends = ends[row],
                           .history = history[row]};
    if (has_seed[row] != 0) episode.seed = static_cast<uint64_t>(seed[row]);
    folder.episodes.push_back(std::move(episode));
  }
}

void ReadEpisodeTables(const std::string& data_path, LerobotFolder& folder) {
  const std::string parent = folder.path + "/meta/episodes";
  std::vector<std::string> paths;
  if (fs::is_directory(parent)) {
    for (const auto& entry : fs::recursive_directory_iterator(parent)) {
      if (entry.path().extension() == ".parquet") paths.push_back(entry.path().string());
    }
  }
  if (paths.empty()) {
    throw DataError(parent,
                    "expected chunk-000/file-000.parquet ..., got none: was the recording closed "
                    "(finalize)?");
  }
  std::ranges::sort(paths);
  for (const std::string& path : paths) ReadEpisodeTable(path, data_path, folder);
}

/// Episodes of v2: a line of JSON each.
void ReadEpisodeLines(const std::string& data_path, int64_t chunks_size, LerobotFolder& folder) {
  const std::string path = folder.path + "/meta/episodes.jsonl";
  std::istringstream lines(ReadText(path));
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    const std::string where = path + ":" + std::to_string(++number);
    if (line.find_first_not_of(" \r\t") == std::string::npos) continue;
    const json value = ParsePythonJson(line);
    const int64_t index = value.is_object() ? Whole(value, "episode_index", -1) : -1;
    if (index < 0) throw DataError(where, "expected an episode_index, got " + line.substr(0, 40));
    const std::string name = FillTemplate(
        data_path, {{"episode_chunk", index / chunks_size}, {"episode_index", index}}, where);
    folder.episodes.push_back({.index = index,
                               .length = Whole(value, "length", -1),
                               .file = folder.path + "/" + name,
                               .where = where});
  }
}

/// The same episode named by two tables, which a kill may leave.
bool IsSame(const LerobotEpisode& a, const LerobotEpisode& b) {
  return a.index == b.index && a.length == b.length && a.from == b.from && a.to == b.to &&
         a.from >= 0;
}

/// Every episode once; gaps are what removed ones leave.
void CheckEpisodes(LerobotFolder& folder, const json& info, ProblemLog& log) {
  std::ranges::stable_sort(folder.episodes, {}, &LerobotEpisode::index);
  const auto twice = std::unique(folder.episodes.begin(), folder.episodes.end(), IsSame);
  if (twice != folder.episodes.end()) {
    log.Warn(folder.path + "/meta/episodes",
             "some episodes are named twice (writing was interrupted): the first counts");
  }
  folder.episodes.erase(twice, folder.episodes.end());
  if (folder.episodes.empty()) {
    throw DataError(folder.path, "expected at least one episode, got none");
  }
  int64_t frames = 0, expected = 0;
  for (const LerobotEpisode& episode : folder.episodes) {
    if (episode.index < expected) {
      throw DataError(episode.where, "expected every episode once, got episode " +
                                         std::to_string(episode.index) + " again");
    }
    if (episode.index > expected) {
      log.Warn(episode.where, "expected episode " + std::to_string(expected) + ", got " +
                                  std::to_string(episode.index) +
                                  ": those between are not there (removed?)");
    }
    expected = episode.index + 1;
    frames += std::max<int64_t>(episode.length, 0);
  }
  const auto compare = [&](const char* key, int64_t got) {
    const int64_t said = Whole(info, key, got);
    if (said == got) return;
    log.Warn(
        folder.path + "/meta/info.json:" + key,
        "expected " + std::to_string(got) + " as the episodes are, got " + std::to_string(said));
  };
  compare("total_episodes", static_cast<int64_t>(folder.episodes.size()));
  compare("total_frames", frames);
}

}  // namespace

bool LerobotFeature::is_number() const {
  static const std::vector<std::string> kTypes = {"bool",   "int8",    "int16",   "int32",
                                                  "int64",  "uint8",   "uint16",  "uint32",
                                                  "uint64", "float16", "float32", "float64"};
  return std::ranges::find(kTypes, type) != kTypes.end();
}

int64_t LerobotFeature::row_size() const {
  int64_t size = 1;
  for (const int64_t part : shape) {
    if (part < 0 || part > 1'000'000 || size > 1'000'000) return -1;
    size *= part;
  }
  return size;
}

const LerobotFeature* LerobotFolder::Find(const std::string& name) const {
  const auto feature = std::ranges::find(features, name, &LerobotFeature::name);
  return feature == features.end() ? nullptr : &*feature;
}

bool IsLerobotFolder(const std::string& path) { return fs::exists(path + "/meta/info.json"); }

LerobotFolder ReadLerobotFolder(const std::string& path, ProblemLog& log) {
  LerobotFolder folder{.path = path};
  const std::string info_path = path + "/meta/info.json";
  const json info = ReadJson(info_path);
  folder.version = Text(info, "codebase_version");
  const bool v3 = folder.version.starts_with("v3.");
  if (!v3 && folder.version != "v2.0" && folder.version != "v2.1") {
    throw DataError(
        info_path + ":codebase_version",
        "expected v3.0, v2.1 or v2.0, got " + (folder.version.empty() ? "none" : folder.version));
  }
  ReadFeatures(info, info_path, folder);
  if (info.contains("fps") && info["fps"].is_number()) folder.fps = info["fps"];
  // Our own notes, else a robot that is an environment.
  ReadOwnNotes(folder);
  const std::string robot = Text(info, "robot_type");
  if (folder.environment.empty() && IsEnvironmentId(robot)) folder.environment = robot;
  if (v3) {
    ReadEpisodeTables(
        Text(info, "data_path", "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"),
        folder);
  } else {
    ReadEpisodeLines(Text(info, "data_path",
                          "data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet"),
                     std::max<int64_t>(Whole(info, "chunks_size", 1000), 1), folder);
  }
  CheckEpisodes(folder, info, log);
  return folder;
}

}  // namespace longplay
