// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

namespace longplay {

/// While it lives, HDF5 finds none of the plug-ins that this machine may have.
class WithoutPlugins {
 public:
  WithoutPlugins() {
    H5PLget_loading_state(&before_);
    H5PLset_loading_state(0);
    // Those that were found before stay registered: bzip2, Blosc, ZFP, Zstandard, Blosc2.
    for (const H5Z_filter_t id : {307, 32001, 32013, 32015, 32026}) H5Zunregister(id);
  }
  ~WithoutPlugins() { H5PLset_loading_state(before_); }
  WithoutPlugins(const WithoutPlugins&) = delete;
  WithoutPlugins& operator=(const WithoutPlugins&) = delete;

 private:
  unsigned before_ = 0;
};

}  // namespace longplay
