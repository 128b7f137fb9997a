// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "datasets/tables/step_columns.h"
#include "datasets/tables/step_table.h"

namespace longplay {

/// The columns of a Parquet or Arrow file (parquet_table.h), a row a step. Lists of equal lengths are
/// several numbers a row, a struct's fields columns of their own; of a single number that is missing
/// (null) the value is nan, of a text "". Whole numbers beyond 2^53 are texts, which keeps them apart.
/// qpos, qvel, button_states and infos/... are infos. Columns of other types and pictures go into
/// left_out; so do those that cannot be read, unless `options` or their names ask for them.
/// Throws DataError for what is no such file, and in a build without Arrow.
StepTable LoadParquetSteps(const std::string& path, const TableOptions& options);

}  // namespace longplay
