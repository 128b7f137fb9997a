// SPDX-License-Identifier: MIT
#include "datasets/writers/lerobot_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/files/partial_path.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/parquet/parquet_writer.h"
#include "datasets/writers/lerobot_columns.h"
#include "datasets/writers/lerobot_files.h"
#include "datasets/writers/lerobot_statistics.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr int64_t kMostTasks = 100'000;

/// A file that is there whole or not at all.
void WriteFile(const std::string& path, const std::string& text) {
  const std::string partial = path + ".growing";
  std::ofstream file(partial);
  file << text;
  file.close();  // what it holds back is written now
  if (!file) {
    throw WriteError(path, std::string("expected room to write, got ") + std::strerror(errno));
  }
  fs::rename(partial, path);
}

/// What pandas needs to make of the column `task` the table's index again.
std::string PandasNote() {
  const auto column = [](const char* name, const char* type, const char* stored) {
    return ordered_json{{"name", name},
                        {"field_name", name},
                        {"pandas_type", type},
                        {"numpy_type", stored},
                        {"metadata", nullptr}};
  };
  return ordered_json{
      {"index_columns", {"task"}},
      {"column_indexes", ordered_json::array()},
      {"columns", {column("task_index", "int64", "int64"), column("task", "unicode", "object")}},
      {"creator", {{"library", "longplay"}, {"version", "1"}}},
      {"pandas_version", "2.0.0"}}
      .dump();
}

/// Texts of tasks are not kept: the environment is the first one's.
std::string TaskName(const DatasetInfo& info, int64_t task) {
  return task == 0 && !info.environment.empty() ? info.environment : "task " + std::to_string(task);
}

}  // namespace

struct LerobotWriter::Impl {
  Impl(const std::string& path, const DatasetInfo& info, const LerobotOptions& options)
      : place(path), info(info), options(options) {
    fs::create_directories(place.partial() + "/meta");
  }

  bool discrete() const { return info.action_kind == ActionKind::kDiscrete; }
  /// Numbers of every feature for each frame, in the order of features.
  std::vector<ColumnRows> Frames(const Episode& episode, const EpisodeExtras& extras) const;
  ColumnRows InfoRows(const LerobotColumn& feature, const EpisodeExtras& extras,
                      int64_t length) const;
  void AddTasks(const std::vector<double>& indices);
  void WriteTasks() const;
  void WriteInfo() const;
  void WriteStatistics() const;
  void WriteNotes() const;

  PartialPath place;
  DatasetInfo info;
  LerobotOptions options;
  std::vector<LerobotColumn> features;
  std::optional<LerobotFiles> files;
  std::vector<LerobotStatistics> statistics;  // of each feature, over all episodes
  int64_t episodes = 0, frames = 0, tasks = 0;
};

LerobotWriter::LerobotWriter(const std::string& path, const DatasetInfo& info,
                             const LerobotOptions& options) {
  RequireParquet(path);
  if (options.fps < 1 || options.data_files_size_in_mb < 1) {
    throw std::invalid_argument("writing data: " + path +
                                ": expected at least 1 frame/s and 1 MB a file, got less");
  }
  impl_ = std::make_unique<Impl>(path, info, options);
}

LerobotWriter::~LerobotWriter() = default;

ColumnRows LerobotWriter::Impl::InfoRows(const LerobotColumn& feature, const EpisodeExtras& extras,
                                         int64_t length) const {
  const auto array = extras.infos.find(feature.info);
  const auto size = static_cast<size_t>(length * feature.row_size);
  // A row a step, or one more, which has no place.
  if (array == extras.infos.end() || (array->second.values.size() != size &&
                                      array->second.values.size() != size + feature.row_size)) {
    throw WriteError(
        place.path() + ": episode " + std::to_string(episodes) + ": infos/" + feature.info,
        "expected it alike in every episode, a row a step or one more, got another");
  }
  const std::vector<double>& values = array->second.values;
  return {.numbers = {values.begin(), values.begin() + static_cast<int64_t>(size)}};
}

std::vector<ColumnRows> LerobotWriter::Impl::Frames(const Episode& episode,
                                                    const EpisodeExtras& extras) const {
  const int64_t length = episode.length();
  std::vector<ColumnRows> rows;
  // What was seen before each action, and done: discrete actions from the file's first one on.
  const auto seen = episode.observations.begin();
  rows.push_back({.numbers = {seen, seen + length * info.observation_size}});
  rows.push_back({.numbers = episode.actions});
  if (discrete()) {
    for (double& action : rows[1].numbers) action += static_cast<double>(info.action_start);
  }
  if (info.has_rewards) rows.push_back({.numbers = episode.rewards});
  // An end is a flag of the last frame; LeRobot's next.done is one whatever the reason.
  for (const bool flag : {episode.terminated || episode.truncated, episode.truncated}) {
    std::vector<double> flags(length, 0.0);
    flags.back() = flag ? 1 : 0;
    rows.push_back({.numbers = std::move(flags)});
  }
  for (const LerobotColumn& feature : features) {
    if (!feature.info.empty()) rows.push_back(InfoRows(feature, extras, length));
  }
  // LeRobot's own counters, in the order of the features.
  ColumnRows frame, number, index, task, time;
  const auto tasks_info = extras.infos.find("task_index");
  for (int64_t t = 0; t < length; ++t) {
    frame.numbers.push_back(static_cast<double>(t));
    number.numbers.push_back(static_cast<double>(episodes));
    index.numbers.push_back(static_cast<double>(frames + t));
    task.numbers.push_back(tasks_info == extras.infos.end() ? 0 : tasks_info->second.values.at(t));
    time.numbers.push_back(
        static_cast<double>(static_cast<float>(t) / static_cast<float>(options.fps)));
  }
  for (ColumnRows* column : {&frame, &number, &index, &task, &time}) {
    rows.push_back(std::move(*column));
  }
  return rows;
}

// Tasks are named 0, 1 ... : all up to the largest that was seen.
void LerobotWriter::Impl::AddTasks(const std::vector<double>& indices) {
  const double most = std::ranges::max(indices), least = std::ranges::min(indices);
  if (least < 0 || most >= static_cast<double>(kMostTasks)) {
    throw WriteError(place.path() + ": task_index",
                     "expected a number from 0 to 99999, got another");
  }
  if (static_cast<int64_t>(most) < tasks) return;
  tasks = static_cast<int64_t>(most) + 1;
  WriteTasks();
}

void LerobotWriter::Impl::WriteTasks() const {
  ColumnRows index, name;
  for (int64_t task = 0; task < tasks; ++task) {
    index.whole.push_back(task);
    name.texts.push_back(TaskName(info, task));
  }
  const std::string path = place.partial() + "/meta/tasks.parquet";
  ParquetWriter writer(path + ".growing", {{"task_index", "int64", {}}, {"task", "text", {}}},
                       {{"pandas", PandasNote()}});
  writer.AppendGroup(tasks, {index, name});
  writer.Close();
  fs::rename(path + ".growing", path);
}

void LerobotWriter::Impl::WriteInfo() const {
  ordered_json json = {{"codebase_version", "v3.0"},
                       {"robot_type", info.environment.empty() ? ordered_json(nullptr)
                                                               : ordered_json(info.environment)},
                       {"total_episodes", episodes},
                       {"total_frames", frames},
                       {"total_tasks", tasks},
                       {"chunks_size", LerobotFiles::kFilesInChunk},
                       {"data_files_size_in_mb", options.data_files_size_in_mb},
                       {"video_files_size_in_mb", 200},
                       {"fps", options.fps},
                       {"splits", {{"train", "0:" + std::to_string(episodes)}}},
                       {"data_path", "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"},
                       {"video_path", nullptr},
                       {"features", ordered_json::object()}};
  for (const LerobotColumn& feature : features) {
    json["features"][feature.name] = {
        {"dtype", feature.type}, {"shape", {feature.row_size}}, {"names", nullptr}};
  }
  WriteFile(place.partial() + "/meta/info.json", json.dump(4) + "\n");
}

void LerobotWriter::Impl::WriteStatistics() const {
  ordered_json json;
  for (size_t k = 0; k < features.size(); ++k) {
    json[features[k].name] = StatisticsJson(statistics[k], features[k].type);
  }
  WriteFile(place.partial() + "/meta/stats.json", json.dump(4) + "\n");
}

// What our reader finds again.
void LerobotWriter::Impl::WriteNotes() const {
  const auto bounds = [](const std::vector<double>& values) {
    ordered_json list = ordered_json::array();
    for (const double value : values) {
      list.push_back(value > 1e300    ? ordered_json("inf")
                     : value < -1e300 ? ordered_json("-inf")
                                      : ordered_json(value));
    }
    return list;
  };
  ordered_json json = {{"version", 1},
                       {"environment", info.environment},
                       {"action_repeat", info.action_repeat},
                       {"max_episode_steps", info.max_episode_steps}};
  if (!info.action_low.empty()) {
    json["action_low"] = bounds(info.action_low);
    json["action_high"] = bounds(info.action_high);
  }
  if (discrete()) {
    json["actions"] = info.action_size;
    json["action_start"] = info.action_start;
  }
  if (info.reference_min) json["reference_min"] = *info.reference_min;
  if (info.reference_max) json["reference_max"] = *info.reference_max;
  WriteFile(place.partial() + "/meta/longplay.json", json.dump(4) + "\n");
}

void LerobotWriter::Write(const Episode& episode, const EpisodeExtras& extras) {
  Impl& impl = *impl_;
  const int64_t length = episode.length();
  // The first episode says which infos there are.
  if (!impl.files) {
    impl.features = ChooseLerobotColumns(impl.place.path(), impl.info, extras);
    impl.statistics.assign(impl.features.size(), {});
    std::vector<ParquetColumn> columns;
    for (const LerobotColumn& feature : impl.features) columns.push_back(feature.column());
    impl.WriteNotes();
    impl.files.emplace(impl.place.partial(), columns, LerobotMetaColumns(impl.features),
                       impl.options.data_files_size_in_mb << 20);
  }
  const auto infos = std::ranges::count_if(
      impl.features, [](const LerobotColumn& feature) { return !feature.info.empty(); });
  if (infos != static_cast<int64_t>(extras.infos.size() - extras.infos.count("task_index"))) {
    throw WriteError(impl.place.path() + ": episode " + std::to_string(impl.episodes),
                     "expected the infos of the first episode, got others");
  }
  const std::vector<ColumnRows> frames = impl.Frames(episode, extras);
  const std::vector<double>& tasks = frames[frames.size() - 2].numbers;
  impl.AddTasks(tasks);
  // Its row of meta: where it is, its statistics, what LeRobot has no place for.
  std::vector<ColumnRows> statistics;
  for (size_t k = 0; k < frames.size(); ++k) {
    const LerobotStatistics own = StatisticsOf(frames[k].numbers, impl.features[k].row_size);
    AddStatistics(own, impl.statistics[k]);
    AddStatisticsRow(own, statistics);
  }
  std::vector<double> distinct = tasks;
  std::ranges::sort(distinct);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  ColumnRows names{.lengths = {static_cast<int64_t>(distinct.size())}};
  for (const double task : distinct) {
    names.texts.push_back(TaskName(impl.info, static_cast<int64_t>(task)));
  }
  impl.files->Append(length, frames, [&](const LerobotFiles::Place& place) {
    const auto one = [](int64_t value) { return ColumnRows{.whole = {value}}; };
    std::vector<ColumnRows> row = {one(impl.episodes),
                                   names,
                                   one(length),
                                   one(place.chunk()),
                                   one(place.file()),
                                   one(impl.frames),
                                   one(impl.frames + length)};
    row.insert(row.end(), statistics.begin(), statistics.end());
    row.push_back(one(place.chunk()));
    row.push_back(one(place.file()));
    row.push_back(one((episode.terminated ? 1 : 0) + (episode.truncated ? 2 : 0)));
    row.push_back(one(episode.history));
    row.push_back(one(extras.seed ? 1 : 0));
    row.push_back(one(static_cast<int64_t>(extras.seed.value_or(0))));
    return row;
  });
  impl.episodes += 1;
  impl.frames += length;
  impl.WriteStatistics();
  impl.WriteInfo();
}

void LerobotWriter::Finish() {
  Impl& impl = *impl_;
  if (impl.files) impl.files->Close();
  impl.place.Finish();
}

}  // namespace longplay
