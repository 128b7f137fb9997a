// SPDX-License-Identifier: MIT
#include "datasets/store/column_statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace longplay {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ColumnStatistics::ColumnStatistics(int64_t columns)
    : mean_(columns, 0.0),
      squares_(columns, 0.0),
      smallest_(columns, kInfinity),
      largest_(columns, -kInfinity) {}

void ColumnStatistics::Add(std::span<const float> rows) {
  ColumnStatistics added(columns());
  const size_t width = mean_.size();
  if (width == 0 || rows.empty()) return;
  added.rows_ = static_cast<int64_t>(rows.size() / width);
  const auto count = static_cast<double>(added.rows_);
  // Pass 1: means and ranges.
  for (size_t i = 0; i < rows.size(); i += width) {
    for (size_t k = 0; k < width; ++k) {
      const double value = rows[i + k];
      added.mean_[k] += value;
      added.smallest_[k] = std::min(added.smallest_[k], value);
      added.largest_[k] = std::max(added.largest_[k], value);
    }
  }
  for (double& mean : added.mean_) mean /= count;
  // Pass 2: squares about those means; a mean of squares less a squared mean loses its digits.
  for (size_t i = 0; i < rows.size(); i += width) {
    for (size_t k = 0; k < width; ++k) {
      const double difference = rows[i + k] - added.mean_[k];
      added.squares_[k] += difference * difference;
    }
  }
  Merge(added);
}

// Source: Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for computing sample
// variances, 1979.
void ColumnStatistics::Merge(const ColumnStatistics& other) {
  if (other.rows_ == 0) return;
  const auto ours = static_cast<double>(rows_), theirs = static_cast<double>(other.rows_);
  const double share = theirs / (ours + theirs);
  for (size_t k = 0; k < mean_.size(); ++k) {
    const double difference = other.mean_[k] - mean_[k];
    mean_[k] += difference * share;
    squares_[k] += other.squares_[k] + difference * difference * ours * share;
    smallest_[k] = std::min(smallest_[k], other.smallest_[k]);
    largest_[k] = std::max(largest_[k], other.largest_[k]);
  }
  rows_ += other.rows_;
}

std::vector<double> ColumnStatistics::deviation() const {
  std::vector<double> deviation;
  const auto rows = static_cast<double>(std::max<int64_t>(rows_, 1));
  for (const double squares : squares_) deviation.push_back(std::sqrt(squares / rows));
  return deviation;
}

nlohmann::json ColumnStatistics::ToJson() const {
  nlohmann::json json = {{"rows", rows_}, {"mean", mean_}, {"squares", squares_}};
  if (rows_ == 0) return json;  // infinities are no JSON
  json["smallest"] = smallest_;
  json["largest"] = largest_;
  return json;
}

ColumnStatistics ColumnStatistics::FromJson(const nlohmann::json& json) {
  const std::vector<double> mean = json.at("mean");
  ColumnStatistics statistics(static_cast<int64_t>(mean.size()));
  statistics.rows_ = json.at("rows");
  if (statistics.rows_ == 0) return statistics;
  statistics.mean_ = mean;
  statistics.squares_ = json.at("squares").get<std::vector<double>>();
  statistics.smallest_ = json.at("smallest").get<std::vector<double>>();
  statistics.largest_ = json.at("largest").get<std::vector<double>>();
  return statistics;
}

}  // namespace longplay
