# SPDX-License-Identifier: MIT
# Finds what training on several ranks is compiled with: Gloo's headers (libgloo-dev), which LibTorch's
# wheel leaves out, beside a LibTorch that has c10d. The library itself is inside LibTorch.
#   Gloo_INCLUDE_DIR

find_path(Gloo_INCLUDE_DIR gloo/rendezvous/store.h)
find_path(Gloo_C10D_DIR torch/csrc/distributed/c10d/ProcessGroupGloo.hpp
          PATHS "${LibTorch_INCLUDE_DIR}" NO_DEFAULT_PATH)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Gloo
  REQUIRED_VARS Gloo_INCLUDE_DIR Gloo_C10D_DIR
  REASON_FAILURE_MESSAGE "run `./dev setup`, or install libgloo-dev")
mark_as_advanced(Gloo_INCLUDE_DIR Gloo_C10D_DIR)
