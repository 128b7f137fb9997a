// SPDX-License-Identifier: MIT
#include <cstring>
#include <initializer_list>

#include "runtime/kernels/kernel_sets.h"
#include "runtime/kernels/kernels.h"
#include "runtime/longplay.h"

namespace longplay::runtime {
namespace {

/// Null unless the processor and the system have them.
const Kernels* SetOf(int32_t vectors) {
  switch (vectors) {
#if defined(__x86_64__)
    case LONGPLAY_VECTORS_AVX512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                 ? &Avx512Kernels()
                 : nullptr;
    case LONGPLAY_VECTORS_AVX2:
      // Every processor with AVX2 has F16C.
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &Avx2Kernels()
                                                                             : nullptr;
    case LONGPLAY_VECTORS_PLAIN:
      return &PlainKernels();
#elif defined(__aarch64__)
    case LONGPLAY_VECTORS_NEON:
      return &PlainKernels();
#else
    case LONGPLAY_VECTORS_PLAIN:
      return &PlainKernels();
#endif
    default:
      return nullptr;
  }
}

}  // namespace

const Kernels* ChooseKernels(int32_t vectors, int32_t* found) {
  if (vectors != LONGPLAY_VECTORS_AUTO) {
    *found = vectors;
    return SetOf(vectors);
  }
  for (const int32_t each : {LONGPLAY_VECTORS_AVX512, LONGPLAY_VECTORS_AVX2, LONGPLAY_VECTORS_NEON,
                             LONGPLAY_VECTORS_PLAIN}) {
    *found = each;
    if (const Kernels* kernels = SetOf(each)) return kernels;
  }
  return nullptr;
}

uint16_t HalfOf(float number) {
  uint32_t bits = 0;
  std::memcpy(&bits, &number, sizeof bits);
  const uint32_t sign = bits >> 16 & 0x8000, size = bits & 0x7fffffff;
  if (size >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7bff);  // the largest half
  if (size < 0x38800000) {
    // Below the smallest normal half: adding 0.5 moves the bits that stay to the end, rounded.
    float small = 0;
    std::memcpy(&small, &size, sizeof small);
    small += 0.5F;
    uint32_t moved = 0;
    std::memcpy(&moved, &small, sizeof moved);
    return static_cast<uint16_t>(sign | (moved - 0x3f000000));
  }
  const uint32_t odd = size >> 13 & 1;
  return static_cast<uint16_t>(sign | ((size - 0x38000000 + 0xfff + odd) >> 13));
}

float FloatOf(uint16_t half) {
  const uint32_t bits =
      static_cast<uint32_t>(half & 0x8000) << 16 | static_cast<uint32_t>(half & 0x7fff) << 13;
  float number = 0;
  std::memcpy(&number, &bits, sizeof number);
  return number * 0x1p112F;
}

}  // namespace longplay::runtime
