// SPDX-License-Identifier: MIT
#include "datasets/writers/lerobot_columns.h"

#include <algorithm>
#include <utility>

#include "datasets/data_error.h"

namespace longplay {
namespace {

/// The name of a feature: LeRobot's are not paths.
std::string FeatureName(const std::string& info) {
  std::string name = info;
  std::ranges::replace(name, '/', '.');
  return name == "next.success" ? name : "complementary_info." + name;
}

/// Smallest and largest values of whole numbers and flags keep their type.
nlohmann::ordered_json TypedList(const std::vector<double>& values, const std::string& type) {
  auto list = nlohmann::ordered_json::array();
  for (const double value : values) {
    if (type == "bool") {
      list.push_back(value != 0);
    } else if (type.starts_with("float")) {
      list.push_back(value);
    } else {
      list.push_back(static_cast<int64_t>(value));
    }
  }
  return list;
}

/// Columns of an episode's row for the statistics of a feature.
std::vector<ParquetColumn> StatisticsColumns(const LerobotColumn& feature) {
  const std::string kept = feature.type == "bool"              ? "bool"
                           : feature.type.starts_with("float") ? "float64"
                                                               : "int64";
  const std::string before = "stats/" + feature.name + "/";
  std::vector<ParquetColumn> columns = {{before + "min", kept, {-1}},
                                        {before + "max", kept, {-1}},
                                        {before + "mean", "float64", {-1}},
                                        {before + "std", "float64", {-1}},
                                        {before + "count", "int64", {-1}}};
  for (const char* name : LerobotStatistics::kQuantileNames) {
    columns.push_back({before + name, "float64", {-1}});
  }
  return columns;
}

}  // namespace

std::vector<LerobotColumn> ChooseLerobotColumns(const std::string& where, const DatasetInfo& info,
                                                const EpisodeExtras& extras) {
  const bool discrete = info.action_kind == ActionKind::kDiscrete;
  std::vector<LerobotColumn> features = {
      {"observation.state", info.observation_type, info.observation_size},
      {"action", discrete ? "int64" : info.action_type, discrete ? 1 : info.action_size}};
  if (info.has_rewards) features.push_back({"next.reward", info.reward_type});
  features.push_back({"next.done", "bool"});
  features.push_back({"next.truncated", "bool"});
  // Infos; one is LeRobot's own.
  const std::string place = where + ": infos/";
  for (const auto& [name, array] : extras.infos) {
    if (name == "task_index") continue;
    int64_t row_size = 1;
    for (const int64_t size : array.row_shape) row_size *= size;
    if (row_size < 1) throw WriteError(place + name, "expected numbers, got none");
    features.push_back({FeatureName(name), array.type, row_size, name});
  }
  for (const char* name : {"frame_index", "episode_index", "index", "task_index"}) {
    features.push_back({name, "int64"});
  }
  features.push_back({"timestamp", "float32"});
  std::vector<std::string> names(features.size());
  std::ranges::transform(features, names.begin(), &LerobotColumn::name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) {
    throw WriteError(where + ": " + *twice, "expected infos of different names, got two alike");
  }
  return features;
}

std::vector<ParquetColumn> LerobotMetaColumns(const std::vector<LerobotColumn>& features) {
  std::vector<ParquetColumn> columns = {
      {"episode_index", "int64", {}},   {"tasks", "text", {-1}},
      {"length", "int64", {}},          {"data/chunk_index", "int64", {}},
      {"data/file_index", "int64", {}}, {"dataset_from_index", "int64", {}},
      {"dataset_to_index", "int64", {}}};
  for (const LerobotColumn& feature : features) {
    for (ParquetColumn& column : StatisticsColumns(feature)) columns.push_back(std::move(column));
  }
  columns.push_back({"meta/episodes/chunk_index", "int64", {}});
  columns.push_back({"meta/episodes/file_index", "int64", {}});
  // What LeRobot has no place for.
  columns.push_back({"longplay/ends", "int64", {}});
  columns.push_back({"longplay/history", "int64", {}});
  columns.push_back({"longplay/has_seed", "bool", {}});
  columns.push_back({"longplay/seed", "uint64", {}});
  return columns;
}

nlohmann::ordered_json StatisticsJson(const LerobotStatistics& statistics,
                                      const std::string& type) {
  nlohmann::ordered_json json = {{"min", TypedList(statistics.min, type)},
                                 {"max", TypedList(statistics.max, type)},
                                 {"mean", statistics.mean},
                                 {"std", statistics.std},
                                 {"count", {statistics.count}}};
  for (size_t q = 0; q < statistics.quantiles.size(); ++q) {
    json[LerobotStatistics::kQuantileNames[q]] = statistics.quantiles[q];
  }
  return json;
}

void AddStatisticsRow(const LerobotStatistics& statistics, std::vector<ColumnRows>& row) {
  row.push_back({.numbers = statistics.min});
  row.push_back({.numbers = statistics.max});
  row.push_back({.numbers = statistics.mean});
  row.push_back({.numbers = statistics.std});
  row.push_back({.whole = {statistics.count}});
  for (const auto& quantile : statistics.quantiles) row.push_back({.numbers = quantile});
}

}  // namespace longplay
