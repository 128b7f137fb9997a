// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "datasets/tables/step_columns.h"
#include "datasets/tables/step_table.h"

namespace longplay {

/// A file of steps as a table, whatever its name: text (csv_table.h) or the same packed by gzip, an
/// archive of numpy's arrays (npz_table.h) or a Parquet or Arrow file (parquet_steps.h); these two see
/// `options`. Throws DataError for others.
StepTable LoadTable(const std::string& path, const TableOptions& options);

}  // namespace longplay
