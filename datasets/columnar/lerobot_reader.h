// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"

namespace longplay {

/// LeRobot's layout, v3.0 and v2.1 (lerobot_folder.h): a folder with meta/info.json and Parquet files.
/// Observations are the features observation.* that are numbers, side by side in alphabetical order,
/// or those asked for; actions `action`, rewards `next.reward`; ends by `next.done`, `next.success`
/// and `next.truncated`. There is no observation after the last action. Throws DataError.
std::unique_ptr<FormatReader> OpenLerobot(const std::string& folder, const PathOptions& options);

}  // namespace longplay
