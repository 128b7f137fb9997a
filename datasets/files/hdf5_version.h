// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay {

/// Version of the HDF5 library in use, "1.10.8".
std::string Hdf5Version();

}  // namespace longplay
