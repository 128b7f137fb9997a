// SPDX-License-Identifier: MIT
#include "model/tensors/parallel_for.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <cstdlib>

#ifdef _OPENMP  // clang-tidy reads this file without omp.h
#include <omp.h>
#endif

#if !defined(_OPENMP) && !defined(__clang_analyzer__)
#error "parallel_for.cpp: expected a compiler flag for OpenMP"
#endif

// MKL's, where LibTorch has it.
extern "C" int MKL_Set_Num_Threads_Local(int threads) __attribute__((weak));

#ifdef __x86_64__
// MKL, the matrix library of LibTorch's x86 builds, asks this function whether the processor is one
// of Intel's. On others it uses AVX2 at most, half of what recent ones can do (measured on an AMD
// EPYC with AVX-512: 95 of 210 GFLOP/s of float32 a core). A definition in the program comes before
// the library's own. Instructions that the processor lacks are still not used: MKL reads its feature
// flags by itself. Source: "Intel MKL on AMD Zen", D. de Kok, 2020.
extern "C" int mkl_serv_intel_cpu_true() {
  static const int answer = [] {
    const bool as_shipped = std::getenv("LONGPLAY_MKL_AS_SHIPPED") != nullptr;
    if (!as_shipped && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 1;
    using Function = int (*)();
    const auto own = reinterpret_cast<Function>(dlsym(RTLD_NEXT, "mkl_serv_intel_cpu_true"));
    return own == nullptr ? 0 : own();
  }();
  return answer;
}
#endif

namespace longplay {

void ParallelFor(int64_t begin, int64_t end, int64_t grain,
                 const std::function<void(int64_t, int64_t)>& body) {
  at::parallel_for(begin, end, grain, body);
}

void UseOneThread() {
  // ATen fills in a thread's number at its first question, in the library and in the loops that are
  // compiled here, which do not know of each other: neither must come later.
  at::get_num_threads();
  at::internal::lazy_init_num_threads();
#ifdef _OPENMP
  omp_set_num_threads(1);
#endif
  if (MKL_Set_Num_Threads_Local != nullptr) MKL_Set_Num_Threads_Local(1);
}

}  // namespace longplay
