// SPDX-License-Identifier: MIT
// For every processor: four lanes, which are SSE2's on x86-64 and NEON's on aarch64.
#include "runtime/kernels/kernel_sets.h"
#include "runtime/kernels/kernel_table.h"

namespace longplay::runtime {
namespace {

struct PlainLanes {
  static constexpr int kLanes = 4;
  using F = VectorsOf<kLanes>::Float;
  static LONGPLAY_LANES_INLINE F Load(const float* from) { return LoadFloats<PlainLanes>(from); }
  static LONGPLAY_LANES_INLINE F Load(const uint16_t* from) {
#if defined(__aarch64__)
    typedef __fp16 Halves __attribute__((vector_size(8)));
    Halves halves;
    std::memcpy(&halves, from, sizeof halves);
    return __builtin_convertvector(halves, F);
#else
    // A half's bits behind a float's sign and exponent, then 2^112 to mend the exponent: exact for
    // every finite half, and infinite ones never come here.
    using W = VectorsOf<kLanes>::Whole;
    W bits{};
    for (int i = 0; i < kLanes; ++i) bits[i] = from[i];
    const W moved = ((bits & 0x8000) << 16) | ((bits & 0x7fff) << 13);
    F number;
    std::memcpy(&number, &moved, sizeof number);
    return number * 0x1p112F;
#endif
  }
  static LONGPLAY_LANES_INLINE F Load(const int8_t* from) {
    return F{static_cast<float>(from[0]), static_cast<float>(from[1]), static_cast<float>(from[2]),
             static_cast<float>(from[3])};
  }
};

#if defined(__aarch64__)
constexpr Kernels kPlain = MakeKernels<PlainLanes>("neon");
#else
constexpr Kernels kPlain = MakeKernels<PlainLanes>("plain");
#endif

}  // namespace

const Kernels& PlainKernels() { return kPlain; }

}  // namespace longplay::runtime
