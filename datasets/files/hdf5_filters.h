// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <string>

namespace longplay {

/// Lets HDF5 read LZF, h5py's own compression; the others that it does not bring itself come from
/// its plug-ins.
void RegisterFilters();

/// Which of the filters that an array's values went through this machine does not have, and the way
/// out: "values compressed by Zstandard (filter 32015), for which ..."; "" when it has all.
std::string MissingFilters(hid_t dataset);

}  // namespace longplay
