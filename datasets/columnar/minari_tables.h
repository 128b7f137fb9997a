// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"

namespace longplay {

/// Minari's storage in tables (data_format arrow and parquet): the folder data/ with metadata.json
/// and one folder an episode, 0, 1 ..., each with a metadata.json of its own and one table. Its T + 1
/// rows end with the final observation; what belongs to steps is padded by a row, which is dropped.
/// Spaces, seeds and infos mean what they do in Minari's HDF5 files. Throws DataError.
/// Source: Farama-Foundation/Minari 0.5.4, minari/dataset/_storages/arrow_storage.py.
std::unique_ptr<FormatReader> OpenMinariTables(const std::string& data, const PathOptions& options);

}  // namespace longplay
