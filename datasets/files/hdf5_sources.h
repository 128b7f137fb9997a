// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <functional>
#include <string>
#include <vector>

namespace longplay {

/// Whether values of an array were ever written; HDF5 reads zeros where none were. Where they lie
/// in other files, as those of virtual data sets and of external storage do, each of these is
/// looked for: HDF5 reads zeros in place of a missing one, too.
/// Throws DataError(where) that names the source that is missing, too short or never written.
/// The array's dataspace has been asked for before: a virtual data set's grows with its sources.
bool HasValues(hid_t dataset, const std::string& where);

/// Files beside that at `path` in which values of its arrays lie: sources of virtual data sets, external
/// storage, targets of external links, and what these take from others. Those that are there, each
/// once, sorted. Nothing of what is no HDF5 file, or is damaged. Calls `alive` now and then.
std::vector<std::string> OtherFilesOf(const std::string& path, const std::function<void()>& alive);

/// Why H5Dread failed just now: a filter that is missing, here or in a source, or Hdf5Error().
std::string WhyNotRead(hid_t dataset);

}  // namespace longplay
