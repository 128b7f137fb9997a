# SPDX-License-Identifier: MIT
# Finds Arrow C++ with Parquet: an Arrow or a Python package pyarrow on CMAKE_PREFIX_PATH, else the wheel in
# .deps/. Without it there is no Parquet (LONGPLAY_PARQUET).
#   Arrow::Parquet, Arrow_VERSION, Arrow_LIBRARY, Arrow_PARQUET_LIBRARY

find_path(Arrow_INCLUDE_DIR parquet/arrow/reader.h HINTS ${CMAKE_PREFIX_PATH}
          PATH_SUFFIXES include pyarrow/include NO_CMAKE_SYSTEM_PATH)
if(NOT Arrow_INCLUDE_DIR)
  get_filename_component(deps "${LONGPLAY_DEPS_DIR}" DIRECTORY)
  find_path(Arrow_INCLUDE_DIR parquet/arrow/reader.h
            PATHS "${deps}/arrow/pyarrow/include" NO_DEFAULT_PATH)
endif()
if(Arrow_INCLUDE_DIR)
  get_filename_component(Arrow_ROOT "${Arrow_INCLUDE_DIR}" DIRECTORY)
  # The wheel holds libarrow.so.2600 only, an installed Arrow lib/libarrow.so as well.
  file(GLOB Arrow_CANDIDATES "${Arrow_ROOT}/libarrow.so.*" "${Arrow_ROOT}/lib/libarrow.so.*")
  file(GLOB Arrow_PARQUET_CANDIDATES "${Arrow_ROOT}/libparquet.so.*"
       "${Arrow_ROOT}/lib/libparquet.so.*")
  if(Arrow_CANDIDATES AND Arrow_PARQUET_CANDIDATES)
    list(GET Arrow_CANDIDATES 0 Arrow_LIBRARY)
    list(GET Arrow_PARQUET_CANDIDATES 0 Arrow_PARQUET_LIBRARY)
  endif()
  file(STRINGS "${Arrow_INCLUDE_DIR}/arrow/util/config.h" version_lines
       REGEX "define ARROW_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
  string(REGEX REPLACE "[^0-9]+" ";" version_numbers "${version_lines}")
  list(REMOVE_ITEM version_numbers "")
  list(JOIN version_numbers "." Arrow_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Arrow
  REQUIRED_VARS Arrow_LIBRARY Arrow_PARQUET_LIBRARY Arrow_INCLUDE_DIR
  VERSION_VAR Arrow_VERSION
  REASON_FAILURE_MESSAGE "run `./dev setup`, or name an Arrow with -DCMAKE_PREFIX_PATH=")

if(Arrow_FOUND)
  include(RequireTestedVersion)
  longplay_require_tested(Arrow ARROW)
endif()

if(Arrow_FOUND AND NOT TARGET Arrow::Parquet)
  add_library(Arrow::Arrow SHARED IMPORTED)
  set_target_properties(Arrow::Arrow PROPERTIES
    IMPORTED_LOCATION "${Arrow_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${Arrow_INCLUDE_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${Arrow_INCLUDE_DIR}")
  add_library(Arrow::Parquet SHARED IMPORTED)
  set_target_properties(Arrow::Parquet PROPERTIES
    IMPORTED_LOCATION "${Arrow_PARQUET_LIBRARY}" INTERFACE_LINK_LIBRARIES Arrow::Arrow)
endif()
mark_as_advanced(Arrow_INCLUDE_DIR)
