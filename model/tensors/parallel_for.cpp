// SPDX-License-Identifier: MIT
#include "model/tensors/parallel_for.h"

#include <ATen/Parallel.h>

#if !defined(_OPENMP) && !defined(__clang_analyzer__)  // clang-tidy reads it without omp.h
#error "parallel_for.cpp: expected a compiler flag for OpenMP"
#endif

namespace longplay {

void ParallelFor(int64_t begin, int64_t end, int64_t grain,
                 const std::function<void(int64_t, int64_t)>& body) {
  at::parallel_for(begin, end, grain, body);
}

}  // namespace longplay
