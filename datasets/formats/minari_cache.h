// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay {

/// Whether a path names a data set of Minari's local cache: minari:NAMESPACE/NAME-v0, minari:NAME-v0.
bool IsMinariName(const std::string& path);

/// The data set's folder in $MINARI_DATASETS_PATH, or else in ~/.minari/datasets.
///
/// Throws DataError where it is not there: one line with the names of what the cache holds, the
/// closest first, and how to download it.
/// Source: Minari 0.5.3, dataset/minari_dataset.py and storage/datasets_root_dir.py.
std::string FindInMinariCache(const std::string& path);

}  // namespace longplay
