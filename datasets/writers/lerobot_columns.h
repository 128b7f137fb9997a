// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/parquet/parquet_writer.h"
#include "datasets/writers/lerobot_statistics.h"

namespace longplay {

/// A feature of a LeRobot data set that is written, and the column of its data that it is.
struct LerobotColumn {
  std::string name, type;
  int64_t row_size = 1;
  std::string info;  // made of this info; "" = of none

  ParquetColumn column() const {
    return {name, type, row_size == 1 ? std::vector<int64_t>{} : std::vector{row_size}};
  }
};

/// The features, in this order: what was seen, done and earned, ends, infos (complementary_info.*),
/// and LeRobot's counters frame_index, episode_index, index, task_index, timestamp. The first
/// episode's `extras` say which infos there are. `where` names the data set in a WriteError.
std::vector<LerobotColumn> ChooseLerobotColumns(const std::string& where, const DatasetInfo& info,
                                                const EpisodeExtras& extras);

/// Columns of meta/episodes: LeRobot's, with statistics of each feature, then ours.
std::vector<ParquetColumn> LerobotMetaColumns(const std::vector<LerobotColumn>& features);

/// Statistics as meta/stats.json has them; those of whole numbers and flags keep their type.
nlohmann::ordered_json StatisticsJson(const LerobotStatistics& statistics, const std::string& type);
/// The same as values of the columns of meta/episodes.
void AddStatisticsRow(const LerobotStatistics& statistics, std::vector<ColumnRows>& row);

}  // namespace longplay
