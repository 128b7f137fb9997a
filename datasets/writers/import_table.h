// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "datasets/tables/step_columns.h"
#include "datasets/writers/convert.h"

namespace longplay {

struct ImportTableOptions {
  TableOptions columns;
  TargetFormat format = TargetFormat::kMinari;
  ExistingOutput existing = ExistingOutput::kRefuse;
};

/// Makes a data set of a file of steps (load_table.h): the table is read whole, its columns chosen and
/// its values checked, before anything is written. `in` may carry ?states=1|0 and
/// ?actions=continuous|discrete, as an .npz file that is opened. The notes say what was chosen by
/// names alone, what was left out, and what `data validate` would warn of.
/// Throws DataError, "reading data: steps.csv:7:reward: expected a number, got nothing"; and
/// std::invalid_argument as ConvertEpisodes does.
ConvertResult ImportTable(const std::string& in, const std::string& out,
                          const ImportTableOptions& options,
                          const std::function<void(int64_t steps, int64_t of)>& on_progress);

}  // namespace longplay
