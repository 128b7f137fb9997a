// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "datasets/parquet/parquet_column.h"

namespace longplay {

/// Whether this build has Arrow, without which no table can be read or written.
bool HasParquet();
/// Throws DataError, which says how to get it, when this build has no Arrow.
void RequireParquet(const std::string& path);

struct TableLimits {
  int64_t memory_bytes = int64_t{3} << 30;  // of what is unpacked at a time; more is refused
  MissingValues missing = MissingValues::kRefused;
};

/// A table of named columns in a file: Parquet, or Arrow's IPC format, recognised by its first
/// bytes. A row group is unpacked once for all that is read of it in a row.
///
/// Every failure is a DataError "file:column[row]: expected X, got Y". Used by one thread at a time.
/// Source: parquet-format 2.12.0 and Arrow's columnar format 1.5, through Arrow C++.
class ParquetTable {
 public:
  /// Reads what the end of the file says of it, no rows.
  explicit ParquetTable(const std::string& path, const TableLimits& limits = {});
  ~ParquetTable();
  ParquetTable(ParquetTable&& other) noexcept;
  ParquetTable& operator=(ParquetTable&& other) noexcept;

  const std::string& path() const;
  int64_t rows() const;
  const std::vector<ParquetColumn>& columns() const;
  const ParquetColumn* Find(const std::string& name) const;
  /// Throws when there is no such column.
  const ParquetColumn& Column(const std::string& name) const;
  /// Numbers in a row of a column; of lists those of the first row.
  int64_t RowSize(const std::string& name) const;

  /// Rows [first, first + count) of numbers as doubles, row-major; count -1 = all that follow.
  /// Refused when a row has other than `row_size` numbers, or none.
  void ReadNumbers(const std::string& name, int64_t row_size, std::vector<double>& values,
                   int64_t first = 0, int64_t count = -1) const;
  /// All rows of whole numbers, one a row, exactly; the bits of those above 2^63.
  std::vector<int64_t> ReadWholeNumbers(const std::string& name) const;
  std::vector<std::string> ReadTexts(const std::string& name) const;

  /// The error that this class throws, for its users' own checks.
  [[noreturn]] void Fail(const std::string& place, const std::string& expected,
                         const std::string& got) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace longplay
