// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "datasets/parquet/parquet_table.h"

namespace longplay {

/// Columns of a table that side by side make the rows of an episode.
class TableRows {
 public:
  /// What one of a column's choices is: {start, how many}, for each number of it.
  using Choices = std::vector<std::pair<int64_t, int64_t>>;

  /// A column of `row_size` numbers; choices become one-hot, as gymnasium.spaces.utils.flatten has
  /// them.
  void Add(const std::string& name, int64_t row_size, Choices choices = {});

  int64_t width() const;  // numbers in a row
  std::vector<std::string> names() const;
  /// Of all columns as the table has them, "float64" where they differ.
  std::string Type(const ParquetTable& table) const;

  /// Throws DataError when the table lacks a column, or it holds no numbers, or others than that
  /// many a row as far as its type tells.
  void Check(const ParquetTable& table) const;
  /// Rows [first, first + count): [count, width()], every number finite. Throws DataError.
  void Read(const ParquetTable& table, int64_t first, int64_t count,
            std::vector<double>& rows) const;

 private:
  struct Part {
    std::string name;
    int64_t row_size = 1;
    Choices choices;  // empty = numbers
    int64_t width = 1;
  };
  std::vector<Part> parts_;
};

/// Numbers of a column from row `first` on, `row_size` a row: none NaN or infinite. Throws DataError.
void CheckFiniteRows(const ParquetTable& table, const std::string& column, int64_t first,
                     int64_t row_size, std::span<const double> values);
/// Whole numbers in [low, high], one a row.
void CheckWholeRows(const ParquetTable& table, const std::string& column, int64_t first,
                    std::span<const double> values, int64_t low, int64_t high);

}  // namespace longplay
