// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"

namespace longplay {

/// `hdf5_path` is a main_data.hdf5; its metadata.json lies beside it, or its root attributes serve
/// (Minari 0.4). Throws DataError when the first episode shows that it cannot be read.
std::unique_ptr<FormatReader> OpenMinari(const std::string& hdf5_path,
                                         const PathOptions& options = {});

}  // namespace longplay
