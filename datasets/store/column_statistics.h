// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

namespace longplay {

/// Mean, deviation and range of each column of rows that come a few at a time.
class ColumnStatistics {
 public:
  explicit ColumnStatistics(int64_t columns = 0);

  void Add(std::span<const float> rows);  // [M, columns]
  void Merge(const ColumnStatistics& other);

  int64_t columns() const { return static_cast<int64_t>(mean_.size()); }
  int64_t rows() const { return rows_; }
  const std::vector<double>& mean() const { return mean_; }
  std::vector<double> deviation() const;  // of the whole population, not of a sample
  const std::vector<double>& smallest() const { return smallest_; }  // inf without rows
  const std::vector<double>& largest() const { return largest_; }    // -inf without rows

  nlohmann::json ToJson() const;
  /// Throws nlohmann::json::exception when the JSON is not from ToJson.
  static ColumnStatistics FromJson(const nlohmann::json& json);

 private:
  int64_t rows_ = 0;
  std::vector<double> mean_, squares_;  // squares: summed squared differences from the mean
  std::vector<double> smallest_, largest_;
};

}  // namespace longplay
