// SPDX-License-Identifier: MIT
// Compiled with AVX2, FMA and F16C; empty elsewhere.
#if defined(__AVX2__) && defined(__F16C__)
#include <immintrin.h>

#include "runtime/kernels/kernel_sets.h"
#include "runtime/kernels/kernel_table.h"

namespace longplay::runtime {
namespace {

struct Avx2Lanes {
  static constexpr int kLanes = 8;
  using F = VectorsOf<kLanes>::Float;
  static LONGPLAY_LANES_INLINE F Load(const float* from) { return LoadFloats<Avx2Lanes>(from); }
  static LONGPLAY_LANES_INLINE F Load(const uint16_t* from) {
    return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  static LONGPLAY_LANES_INLINE F Load(const int8_t* from) {
    return _mm256_cvtepi32_ps(
        _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
  }
};

constexpr Kernels kAvx2 = MakeKernels<Avx2Lanes>("avx2");

}  // namespace

const Kernels& Avx2Kernels() { return kAvx2; }

}  // namespace longplay::runtime
#endif
