# SPDX-License-Identifier: MIT
# Finds libcsv: CSV_INCLUDE_DIR, CSV_LIBRARY.

find_path(CSV_INCLUDE_DIR csv.h)
find_library(CSV_LIBRARY csv)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CSV
  REQUIRED_VARS CSV_LIBRARY CSV_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "run `./dev setup`, or install libcsv-dev")
mark_as_advanced(CSV_INCLUDE_DIR CSV_LIBRARY)
