// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <vector>

namespace longplay {

/// Files in which values of a data set's HDF5 files lie (OtherFilesOf in hdf5_sources.h); `paths` are
/// the data set's own. Found in a child process, because the HDF5 library can crash on damaged files:
/// these have none.
std::vector<std::filesystem::path> FindOtherFiles(const std::vector<std::filesystem::path>& paths);

}  // namespace longplay
