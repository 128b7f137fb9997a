// SPDX-License-Identifier: MIT
#pragma once

#include <arrow/array.h>
#include <arrow/type.h>

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/parquet/parquet_column.h"

namespace longplay {

/// What Arrow's field is as a column of ours. Lists of lists have several dimensions; Minari's note
/// "shape" in the field's metadata tells those of a flat list.
ParquetColumn DescribeColumn(const std::string& name, const arrow::Field& field);

/// Arrow's type of a column of ours with one value a row.
std::shared_ptr<arrow::DataType> ArrowType(const std::string& type);

/// Which rows of an array, and how messages name them.
struct ArrayRows {
  int64_t first = 0, count = 0;
  int64_t shown_first = 0;  // number of the first one in the file
  std::string where;        // file:column
};

/// Appends the numbers of these rows, each of which must have `row_size`. Throws DataError.
void AppendNumbers(const arrow::Array& array, const ArrayRows& rows, int64_t row_size,
                   std::vector<double>& values, MissingValues missing = MissingValues::kRefused);
/// The same of one whole number a row, exactly.
void AppendWholeNumbers(const arrow::Array& array, const ArrayRows& rows,
                        std::vector<int64_t>& values);
/// Texts, or names of the categories that they are numbers of.
void AppendTexts(const arrow::Array& array, const ArrayRows& rows, std::vector<std::string>& values,
                 MissingValues missing = MissingValues::kRefused);

/// Numbers in an array's first row.
int64_t FirstRowSize(const arrow::Array& array);

}  // namespace longplay
