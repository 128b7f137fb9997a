# SPDX-License-Identifier: MIT
# Finds MuJoCo: a release folder or Python package on CMAKE_PREFIX_PATH, else the wheel in .deps/.
#   MuJoCo::MuJoCo, MuJoCo_VERSION, MuJoCo_LIBRARY

find_path(MuJoCo_INCLUDE_DIR mujoco/mujoco.h HINTS ${CMAKE_PREFIX_PATH}
          PATH_SUFFIXES include mujoco/include NO_CMAKE_SYSTEM_PATH)
if(NOT MuJoCo_INCLUDE_DIR)
  find_path(MuJoCo_INCLUDE_DIR mujoco/mujoco.h
            PATHS "${LONGPLAY_DEPS_DIR}/mujoco/include" NO_DEFAULT_PATH)
endif()
if(MuJoCo_INCLUDE_DIR)
  get_filename_component(MuJoCo_ROOT "${MuJoCo_INCLUDE_DIR}" DIRECTORY)
  # The wheel holds libmujoco.so.X.Y.Z only, a release holds lib/libmujoco.so as well.
  file(GLOB MuJoCo_CANDIDATES "${MuJoCo_ROOT}/libmujoco.so*" "${MuJoCo_ROOT}/lib/libmujoco.so.*")
  list(GET MuJoCo_CANDIDATES 0 MuJoCo_LIBRARY)
  file(STRINGS "${MuJoCo_INCLUDE_DIR}/mujoco/mujoco.h" version_line REGEX "define mjVERSION_HEADER")
  string(REGEX REPLACE "[^0-9]+" "" version_number "${version_line}")
  # 3017000 = 3.17.0; releases before 3.10 wrote 3 digits (337 = 3.3.7).
  if(version_number GREATER 99999)
    math(EXPR major "${version_number} / 1000000")
    math(EXPR minor "${version_number} / 1000 % 1000")
    math(EXPR patch "${version_number} % 1000")
  else()
    math(EXPR major "${version_number} / 100")
    math(EXPR minor "${version_number} / 10 % 10")
    math(EXPR patch "${version_number} % 10")
  endif()
  set(MuJoCo_VERSION "${major}.${minor}.${patch}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(MuJoCo
  REQUIRED_VARS MuJoCo_LIBRARY MuJoCo_INCLUDE_DIR
  VERSION_VAR MuJoCo_VERSION
  REASON_FAILURE_MESSAGE "run `./dev setup`, or name a MuJoCo with -DCMAKE_PREFIX_PATH=")

if(MuJoCo_FOUND)
  # Its accelerations are wrong where Jacobians are sparse (mujoco#3767, mended in 4.0.1).
  if(MuJoCo_VERSION VERSION_EQUAL 4.0.0)
    message(FATAL_ERROR "MuJoCo 4.0.0 in ${MuJoCo_ROOT} computes wrong accelerations (mujoco#3767): "
            "use ${LONGPLAY_MUJOCO_VERSION}, which `./dev setup` fetches")
  endif()
  include(RequireTestedVersion)
  longplay_require_tested(MuJoCo MUJOCO)
endif()

if(MuJoCo_FOUND AND NOT TARGET MuJoCo::MuJoCo)
  add_library(MuJoCo::MuJoCo SHARED IMPORTED)
  set_target_properties(MuJoCo::MuJoCo PROPERTIES
    IMPORTED_LOCATION "${MuJoCo_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${MuJoCo_INCLUDE_DIR}"
    INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${MuJoCo_INCLUDE_DIR}")
endif()
