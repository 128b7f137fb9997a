// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "datasets/parquet/parquet_column.h"

namespace longplay {

/// Rows of one column to be written: numbers, or whole numbers that a double may not hold, or texts.
struct ColumnRows {
  std::vector<double> numbers;
  std::vector<int64_t> whole;
  std::vector<std::string> texts;
  std::vector<int64_t> lengths;  // of lists (row_shape {-1}); empty = all alike
};

enum class ParquetStatistics { kNone, kOfEachGroup };  // smallest and largest values, for queries

/// Writes a Parquet file, a row group at a time, compressed with Snappy. What was written can be
/// read once Close() has written the file's end, not before. Throws WriteError.
class ParquetWriter {
 public:
  /// Columns have row_shape {} (one value a row), {n} (n numbers) or {-1} (a list). `metadata` is
  /// kept in the file's schema.
  ParquetWriter(const std::string& path, std::vector<ParquetColumn> columns,
                const std::map<std::string, std::string>& metadata = {},
                ParquetStatistics statistics = ParquetStatistics::kOfEachGroup);
  ~ParquetWriter();
  ParquetWriter(const ParquetWriter&) = delete;
  ParquetWriter& operator=(const ParquetWriter&) = delete;

  /// `rows` of every column, in the columns' order.
  void AppendGroup(int64_t rows, const std::vector<ColumnRows>& columns);
  int64_t bytes() const;  // written so far
  void Close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
