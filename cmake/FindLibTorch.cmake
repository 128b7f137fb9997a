# SPDX-License-Identifier: MIT
# Finds LibTorch from its files alone, so that no CUDA toolkit is needed to link a CUDA build.
#   LibTorch::LibTorch, LibTorch_VERSION, LibTorch_ROOT (folder with include/ and lib/)
# Looked for on CMAKE_PREFIX_PATH first (an unpacked LibTorch, or a Python package's torch folder),
# then in .deps/.

find_path(LibTorch_INCLUDE_DIR torch/csrc/api/include/torch/version.h
          PATH_SUFFIXES include torch/include HINTS ${CMAKE_PREFIX_PATH}
          NO_CMAKE_SYSTEM_PATH)
if(NOT LibTorch_INCLUDE_DIR)
  find_path(LibTorch_INCLUDE_DIR torch/csrc/api/include/torch/version.h
            PATHS "${LONGPLAY_DEPS_DIR}/torch/include" NO_DEFAULT_PATH)
endif()
if(LibTorch_INCLUDE_DIR)
  get_filename_component(LibTorch_ROOT "${LibTorch_INCLUDE_DIR}" DIRECTORY)
  foreach(part IN ITEMS torch torch_cpu c10)
    find_library(LibTorch_${part}_LIBRARY ${part} PATHS "${LibTorch_ROOT}/lib" NO_DEFAULT_PATH)
  endforeach()
  foreach(part IN ITEMS torch_cuda c10_cuda)
    find_library(LibTorch_${part}_LIBRARY ${part} PATHS "${LibTorch_ROOT}/lib" NO_DEFAULT_PATH)
  endforeach()
  file(STRINGS "${LibTorch_INCLUDE_DIR}/torch/headeronly/version.h" version_lines
       REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) [0-9]+")
  string(REGEX REPLACE "[^0-9]+" ";" version_numbers "${version_lines}")
  list(REMOVE_ITEM version_numbers "")
  list(JOIN version_numbers "." LibTorch_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
  REQUIRED_VARS LibTorch_torch_cpu_LIBRARY LibTorch_c10_LIBRARY LibTorch_INCLUDE_DIR
  VERSION_VAR LibTorch_VERSION
  REASON_FAILURE_MESSAGE "run `./dev setup`, or name a LibTorch with -DCMAKE_PREFIX_PATH=")

if(LibTorch_FOUND)
  include(RequireTestedVersion)
  longplay_require_tested(LibTorch TORCH)
  if(NOT TARGET LibTorch::LibTorch)
    add_library(LibTorch::LibTorch INTERFACE IMPORTED)
    target_include_directories(LibTorch::LibTorch SYSTEM INTERFACE
      "${LibTorch_INCLUDE_DIR}" "${LibTorch_INCLUDE_DIR}/torch/csrc/api/include")
    # The CUDA half registers its kernels when loaded; nothing refers to it by name.
    set(libraries "${LibTorch_torch_cpu_LIBRARY}" "${LibTorch_c10_LIBRARY}")
    if(LibTorch_torch_cuda_LIBRARY)
      list(APPEND libraries -Wl,--no-as-needed "${LibTorch_torch_cuda_LIBRARY}"
           "${LibTorch_c10_cuda_LIBRARY}" -Wl,--as-needed)
    endif()
    target_link_libraries(LibTorch::LibTorch INTERFACE ${libraries})
    if(LibTorch_torch_cuda_LIBRARY)
      target_link_options(LibTorch::LibTorch INTERFACE -Wl,--allow-shlib-undefined)
    endif()
  endif()
endif()
mark_as_advanced(LibTorch_INCLUDE_DIR)
