// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/kernels/attend_loops.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/map_loops.h"
#include "runtime/kernels/row_loops.h"
#include "runtime/kernels/step_loops.h"

namespace longplay::runtime {

/// log(1 + e^x); above 20 it is x to the last bit.
template <typename L>
void SoftplusOf(const float* x, int64_t count, float* y) {
  for (int64_t i = 0; i < count; ++i) {
    y[i] = x[i] > 20 ? x[i] : __builtin_log1pf(__builtin_expf(x[i]));
  }
}

template <typename L>
constexpr Kernels MakeKernels(const char* name) {
  return {.name = name,
          .map = Map<L>,
          .attend = Attend<L>,
          .norm = Norm<L>,
          .gelu = GeluOf<L>,
          .gelu_tanh = GeluTanhOf<L>,
          .sigmoid = SigmoidOf<L>,
          .silu_times = SiluTimes<L>,
          .exponential = ExponentialOf<L>,
          .softplus = SoftplusOf<L>,
          .mix = Mix<L>,
          .scan = Scan<L>,
          .dual = Dual<L>,
          .delta = Delta<L>,
          .decay = Decay<L>,
          .convolve = Convolve<L>,
          .slot_memory = SlotMemory<L>};
}

}  // namespace longplay::runtime
