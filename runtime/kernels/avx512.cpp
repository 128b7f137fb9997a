// SPDX-License-Identifier: MIT
// Compiled with AVX-512 F, BW, DQ and VL; empty elsewhere.
#if defined(__AVX512F__) && defined(__AVX512VL__)
// GCC 12 takes the undefined lanes of its own intrinsics for a mistake.
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include "runtime/kernels/kernel_sets.h"
#include "runtime/kernels/kernel_table.h"

namespace longplay::runtime {
namespace {

struct Avx512Lanes {
  static constexpr int kLanes = 16;
  using F = VectorsOf<kLanes>::Float;
  static LONGPLAY_LANES_INLINE F Load(const float* from) { return LoadFloats<Avx512Lanes>(from); }
  static LONGPLAY_LANES_INLINE F Load(const uint16_t* from) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  }
  static LONGPLAY_LANES_INLINE F Load(const int8_t* from) {
    return _mm512_cvtepi32_ps(
        _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
};

constexpr Kernels kAvx512 = MakeKernels<Avx512Lanes>("avx512");

}  // namespace

const Kernels& Avx512Kernels() { return kAvx512; }

}  // namespace longplay::runtime
#endif
