// SPDX-License-Identifier: MIT
#include "datasets/tables/parquet_steps.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/tables/step_names.h"

namespace longplay {
namespace {

constexpr double kMostExactWhole = 0x1p53;  // float64 holds every whole number below

constexpr std::array kAllRoles = {
    StepRole::kObservations, StepRole::kNextObservations, StepRole::kActions,
    StepRole::kRewards,      StepRole::kTerminals,        StepRole::kTimeouts,
    StepRole::kEpisodes,     StepRole::kCounter,          StepRole::kGroup};

/// Whether a column is asked for, or may be meant by its name.
bool IsWanted(const std::string& name, const TableOptions& options) {
  const auto asks = [&](const std::string& asked) {
    return asked.ends_with('*') ? name.starts_with(asked.substr(0, asked.size() - 1))
                                : asked == name;
  };
  for (const auto* names : {&options.observations, &options.actions, &options.next_observations}) {
    if (std::ranges::any_of(*names, asks)) return true;
  }
  return std::ranges::any_of(std::array{options.rewards, options.terminals, options.timeouts,
                                        options.episodes, options.group, options.counter},
                             asks) ||
         std::ranges::any_of(kAllRoles, [&](StepRole role) {
           return ExactRank(name, role) >= 0 || IsNameOfSeveral(name, role);
         });
}

/// Numbers that float64 does not hold become texts.
void KeepApart(const ParquetTable& table, TableColumn& column) {
  const bool whole = column.type == "int64" || column.type == "uint64";
  const auto is_exact = [](double number) { return !(std::abs(number) >= kMostExactWhole); };
  if (!whole || !column.row_shape.empty() || std::ranges::all_of(column.numbers, is_exact)) return;
  for (const int64_t number : table.ReadWholeNumbers(column.name)) {
    column.texts.push_back(column.type == "int64" ? std::to_string(number)
                                                  : std::to_string(static_cast<uint64_t>(number)));
  }
  column.numbers.clear();
  column.type.clear();
}

TableColumn ReadColumn(const ParquetTable& table, const ParquetColumn& from) {
  TableColumn column;
  column.name = from.name;
  if (!from.is_number()) {
    column.type.clear();
    column.texts = table.ReadTexts(from.name);
    return column;
  }
  column.type = from.type == "float16" ? "float32" : from.type;
  const int64_t size = table.RowSize(from.name);
  if (!from.row_shape.empty()) column.row_shape = {size};
  // Where the type tells each dimension, they are kept.
  if (std::ranges::none_of(from.row_shape, [](int64_t part) { return part < 0; })) {
    column.row_shape = from.row_shape;
  }
  table.ReadNumbers(from.name, size, column.numbers);
  KeepApart(table, column);
  return column;
}

/// Why a column is none of steps; "" = it may be one.
std::string WhyNotSteps(const ParquetColumn& column) {
  if (column.type.empty()) return "neither numbers nor texts";
  return column.type == "uint8" && column.row_shape.size() > 1 ? "images" : "";
}

}  // namespace

StepTable LoadParquetSteps(const std::string& path, const TableOptions& options) {
  const ParquetTable file(path, {.missing = MissingValues::kNan});
  StepTable table;
  table.path = path;
  table.format = "parquet";
  table.noun = "column";
  table.rows = file.rows();
  if (table.rows == 0) throw DataError(path, "expected rows, got none");
  std::set<std::string> known;
  std::vector<TableColumn> infos;
  for (const ParquetColumn& from : file.columns()) {
    if (!known.insert(from.name).second) {
      throw DataError(path, "expected different names of columns, got " + from.name + " twice");
    }
    const std::string why = WhyNotSteps(from);
    if (!why.empty()) {
      table.left_out.push_back({from.name, why});
      continue;
    }
    try {
      TableColumn column = ReadColumn(file, from);
      const bool is_info = IsInfoName(from.name) && !column.is_text();
      if (is_info) table.infos.push_back(from.name);
      (is_info ? infos : table.columns).push_back(std::move(column));
    } catch (const DataError& error) {
      if (IsWanted(from.name, options)) throw;
      table.left_out.push_back({from.name, error.problem()});
    }
  }
  if (!infos.empty()) table.load_infos = [infos = std::move(infos)] { return infos; };
  return table;
}

}  // namespace longplay
