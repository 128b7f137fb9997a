// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_version.h"

#include <hdf5.h>

namespace longplay {

std::string Hdf5Version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace longplay
