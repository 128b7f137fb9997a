// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <type_traits>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_reason.h"

namespace longplay {

/// Turns off that the library prints its errors: they are thrown.
void SilenceHdf5();

/// The result of a call of the HDF5 library: a negative number, or a size of 0, is a failure.
/// Throws Error(where, "expected <expected>, got an error of HDF5: ..."); reading throws DataError,
/// writing WriteError.
template <typename Error = DataError, typename Result>
Result Checked(Result result, const std::string& where, const char* expected) {
  bool failed = false;
  if constexpr (std::is_unsigned_v<Result>) {
    failed = result == 0;
  } else {
    failed = result < 0;
  }
  if (failed) throw Error(where, std::string("expected ") + expected + ", got " + Hdf5Error());
  return result;
}

}  // namespace longplay
