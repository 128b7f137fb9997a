// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/kernels/kernels.h"

namespace longplay::runtime {

// One source each, compiled for its instructions alone; only choose_kernels.cpp calls them.
const Kernels& PlainKernels();
const Kernels& Avx2Kernels();
const Kernels& Avx512Kernels();

}  // namespace longplay::runtime
