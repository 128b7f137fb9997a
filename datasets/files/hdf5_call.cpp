// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_call.h"

#include <hdf5.h>

namespace longplay {
namespace {

// Every file is closed by its owner. The library's own closing at exit would write again what did not
// fit on a full disk, and crash (HDF5 1.10.8). Has to come before its first call.
[[maybe_unused]] const herr_t kNothingAtExit = H5dont_atexit();

}  // namespace

void SilenceHdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // the one failure that nothing can be done about
}

}  // namespace longplay
