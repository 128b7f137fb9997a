# SPDX-License-Identifier: MIT
# Finds libdeflate: Deflate_INCLUDE_DIR, Deflate_LIBRARY.

find_path(Deflate_INCLUDE_DIR libdeflate.h)
find_library(Deflate_LIBRARY deflate)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Deflate
  REQUIRED_VARS Deflate_LIBRARY Deflate_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run `./dev setup`, or install libdeflate-dev")
mark_as_advanced(Deflate_INCLUDE_DIR Deflate_LIBRARY)
