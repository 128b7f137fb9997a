// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/parquet/parquet_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {

/// A LeRobot v3 data set of a test: frame k of a file sees k, does k / 4 and earns 10 k.
struct SmallLerobot {
  struct Row {
    int64_t episode, frame, index;
  };
  struct EpisodeRow {
    int64_t episode, length, file, from, to;
  };
  std::vector<std::vector<Row>> files = {{{0, 0, 0}, {0, 1, 1}, {1, 0, 2}, {1, 1, 3}, {1, 2, 4}}};
  std::vector<EpisodeRow> episodes = {{0, 2, 0, 0, 2}, {1, 3, 0, 2, 5}};
  std::map<std::string, std::vector<double>> flags;  // by feature: for each row of the first file
  std::string observation = "observation.state", action = "action";  // what they are called
  nlohmann::json info = {{"codebase_version", "v3.0"},
                         {"fps", 10},
                         {"total_episodes", 2},
                         {"total_frames", 5},
                         {"robot_type", nullptr}};

  /// Writes it anew and returns its path.
  std::string Write() const {
    const std::string path = TemporaryPath("lerobot");
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path + "/meta/episodes/chunk-000");
    std::filesystem::create_directories(path + "/data/chunk-000");
    nlohmann::json text = info;
    const auto add = [&](const std::string& name, const char* type) {
      text["features"][name] = {{"dtype", type}, {"shape", {1}}, {"names", nullptr}};
    };
    std::vector<ParquetColumn> columns = {
        {observation, "float32", {}}, {action, "float32", {}},      {"next.reward", "float32", {}},
        {"timestamp", "float32", {}}, {"frame_index", "int64", {}}, {"episode_index", "int64", {}},
        {"index", "int64", {}}};
    for (const auto& [name, values] : flags) columns.push_back({name, "bool", {}});
    for (const ParquetColumn& column : columns) add(column.name, column.type.c_str());
    std::ofstream(path + "/meta/info.json") << text.dump(1);
    // Frames, then what says where they are.
    for (size_t file = 0; file < files.size(); ++file) {
      std::vector<ColumnRows> rows(columns.size());
      for (size_t k = 0; k < files[file].size(); ++k) {
        const Row& row = files[file][k];
        const auto number = static_cast<double>(k);
        rows[0].numbers.push_back(number);
        rows[1].numbers.push_back(number / 4);
        rows[2].numbers.push_back(10 * number);
        rows[3].numbers.push_back(static_cast<double>(row.frame) / 10);
        rows[4].whole.push_back(row.frame);
        rows[5].whole.push_back(row.episode);
        rows[6].whole.push_back(row.index);
      }
      size_t column = 7;
      for (const auto& [name, values] : flags) rows[column++].numbers = values;
      ParquetWriter writer(path + "/data/chunk-000/file-00" + std::to_string(file) + ".parquet",
                           columns);
      writer.AppendGroup(static_cast<int64_t>(files[file].size()), rows);
      writer.Close();
    }
    std::vector<ColumnRows> rows(6);
    for (const EpisodeRow& row : episodes) {
      const int64_t values[] = {row.episode, row.length, 0, row.file, row.from, row.to};
      for (size_t k = 0; k < rows.size(); ++k) rows[k].whole.push_back(values[k]);
    }
    ParquetWriter writer(path + "/meta/episodes/chunk-000/file-000.parquet",
                         {{"episode_index", "int64", {}},
                          {"length", "int64", {}},
                          {"data/chunk_index", "int64", {}},
                          {"data/file_index", "int64", {}},
                          {"dataset_from_index", "int64", {}},
                          {"dataset_to_index", "int64", {}}});
    writer.AppendGroup(static_cast<int64_t>(episodes.size()), rows);
    writer.Close();
    return path;
  }
};

}  // namespace longplay
