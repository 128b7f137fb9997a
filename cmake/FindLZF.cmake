# SPDX-License-Identifier: MIT
# Finds liblzf: LZF_INCLUDE_DIR, LZF_LIBRARY.

find_path(LZF_INCLUDE_DIR lzf.h PATH_SUFFIXES liblzf)
find_library(LZF_LIBRARY lzf)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LZF
  REQUIRED_VARS LZF_LIBRARY LZF_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run `./dev setup`, or install liblzf-dev")
mark_as_advanced(LZF_INCLUDE_DIR LZF_LIBRARY)
