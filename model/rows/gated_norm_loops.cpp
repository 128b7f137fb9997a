// SPDX-License-Identifier: MIT
#include "model/rows/gated_norm_loops.h"

#include <ATen/Dispatch.h>
#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "model/tensors/parallel_for.h"
#include "model/tensors/vector_lanes.h"

namespace longplay {
namespace {

// A task sums the weight's gradient of its rows apart; tasks are then summed in order.
constexpr int64_t kRowsPerTask = 64;

template <typename T>
struct Memory {
  int64_t rows, groups, width;  // width of one group
  int64_t y_stride, z_stride;   // from row to row
  const T *y, *z, *weight;      // z may be null
  T epsilon;
};

template <typename T>
struct GradientMemory {
  const T* out;
  T *y, *z, *weight;  // weight: one row for each task
};

/// One row of one group while it is worked on.
template <typename T>
struct Row {
  LaneBuffer<T> gated, open;  // u = y z sigmoid(z); sigmoid(z)
  T inverse = 0;              // 1 / root mean square
  explicit Row(int64_t blocks) : gated(blocks), open(blocks) {}
};

template <typename T>
LONGPLAY_INLINE int64_t CountAt(const Memory<T>& memory, int64_t block) {
  return std::min(kLanes<T>, memory.width - block * kLanes<T>);
}

template <typename T>
LONGPLAY_INLINE int64_t BlocksOf(const Memory<T>& memory) {
  return (memory.width + kLanes<T> - 1) / kLanes<T>;
}

template <typename T>
LONGPLAY_INLINE void Gate(const Memory<T>& memory, int64_t i, int64_t group, Row<T>& row) {
  const T* y = memory.y + i * memory.y_stride + group * memory.width;
  const T* z =
      memory.z == nullptr ? nullptr : memory.z + i * memory.z_stride + group * memory.width;
  // u of the whole group, and the sum of its squares.
  Lanes<T> squares{};
  for (int64_t block = 0; block < BlocksOf(memory); ++block) {
    const int64_t at = block * kLanes<T>, count = CountAt(memory, block);
    Lanes<T> gated;
    Load(y + at, count, gated);
    if (z != nullptr) {
      Lanes<T> in;
      Load(z + at, count, in);
      Sigmoid<T>(in, row.open[block]);
      gated *= in * row.open[block];
    }
    row.gated[block] = gated;
    squares += gated * gated;
  }
  // Lanes behind the end are zero and add nothing to the squares.
  row.inverse = 1 / std::sqrt(SumOf<T>(squares) / static_cast<T>(memory.width) + memory.epsilon);
}

template <typename T>
LONGPLAY_INLINE void ForwardRows(const Memory<T>& memory, int64_t first, int64_t last, T* out) {
  Row<T> row(BlocksOf(memory));
  const int64_t E = memory.groups * memory.width;
  for (int64_t i = first; i < last; ++i) {
    for (int64_t group = 0; group < memory.groups; ++group) {
      Gate(memory, i, group, row);
      for (int64_t block = 0; block < BlocksOf(memory); ++block) {
        const int64_t at = group * memory.width + block * kLanes<T>;
        const int64_t count = CountAt(memory, block);
        Lanes<T> weight;
        Load(memory.weight + at, count, weight);
        Store(row.gated[block] * row.inverse * weight, count, out + i * E + at);
      }
    }
  }
}

/// Gradients of one row of one group; that of the weight is added to `weight_sums`.
template <typename T>
LONGPLAY_INLINE void BackwardRow(const Memory<T>& memory, const GradientMemory<T>& grads, int64_t i,
                                 int64_t group, Row<T>& row, T* weight_sums) {
  Gate(memory, i, group, row);
  // Forward's u and 1 / rms are here again; out = u w / rms.
  const int64_t base = i * memory.groups * memory.width + group * memory.width;
  const T* weights = memory.weight + group * memory.width;
  // Pass 1: with n = grad w, the gradient of u / rms, the sum of n u that d rms needs.
  Lanes<T> along{};  // gradient of u / rms, along u
  for (int64_t block = 0; block < BlocksOf(memory); ++block) {
    Lanes<T> grad, weight;
    Load(grads.out + base + block * kLanes<T>, CountAt(memory, block), grad);
    Load(weights + block * kLanes<T>, CountAt(memory, block), weight);
    along += grad * weight * row.gated[block];
  }
  // d(1 / rms) / du = -u / (width rms^3), times that sum: what each u loses.
  const T pull =
      SumOf<T>(along) * row.inverse * row.inverse * row.inverse / static_cast<T>(memory.width);
  for (int64_t block = 0; block < BlocksOf(memory); ++block) {
    const int64_t at = block * kLanes<T>, count = CountAt(memory, block);
    // Pass 2: gradients of the weight, grad u / rms, and of u, n / rms - u pull.
    Lanes<T> grad, weight, sum;
    Load(grads.out + base + at, count, grad);
    Load(weights + at, count, weight);
    Load(weight_sums + group * memory.width + at, count, sum);
    Store(sum + grad * row.gated[block] * row.inverse, count,
          weight_sums + group * memory.width + at);
    const Lanes<T> gated = grad * weight * row.inverse - row.gated[block] * pull;
    if (memory.z == nullptr) {
      Store(gated, count, grads.y + base + at);
      continue;
    }
    Lanes<T> y, z;
    Load(memory.y + i * memory.y_stride + group * memory.width + at, count, y);
    Load(memory.z + i * memory.z_stride + group * memory.width + at, count, z);
    // Through the gate u = y silu(z), with s = sigmoid(z): silu = z s, silu' = s + z s (1 - s).
    const Lanes<T> open = row.open[block], gate = z * open;
    Store(gated * gate, count, grads.y + base + at);
    Store(gated * y * (open + gate * (1 - open)), count, grads.z + base + at);
  }
}

template <typename T>
LONGPLAY_INLINE void BackwardRows(const Memory<T>& memory, const GradientMemory<T>& grads,
                                  int64_t task) {
  Row<T> row(BlocksOf(memory));
  T* weight_sums = grads.weight + task * memory.groups * memory.width;
  const int64_t first = task * kRowsPerTask;
  for (int64_t i = first; i < std::min(first + kRowsPerTask, memory.rows); ++i) {
    for (int64_t group = 0; group < memory.groups; ++group) {
      BackwardRow(memory, grads, i, group, row, weight_sums);
    }
  }
}

template <typename T>
Memory<T> MemoryOf(const NormRows& in, const GatedNormOptions& options) {
  return {.rows = in.y.size(0),
          .groups = options.groups,
          .width = in.y.size(1) / options.groups,
          .y_stride = in.y.stride(0),
          .z_stride = in.z.defined() ? in.z.stride(0) : 0,
          .y = in.y.const_data_ptr<T>(),
          .z = in.z.defined() ? in.z.const_data_ptr<T>() : nullptr,
          .weight = in.weight.const_data_ptr<T>(),
          .epsilon = static_cast<T>(options.epsilon)};
}

}  // namespace

torch::Tensor GatedNormInLoops(const NormRows& in, const GatedNormOptions& options) {
  auto out = at::empty(in.y.sizes(), in.y.options());
  AT_DISPATCH_FLOATING_TYPES(out.scalar_type(), "norm", [&] {
    const auto memory = MemoryOf<scalar_t>(in, options);
    auto* to = out.data_ptr<scalar_t>();
    ParallelFor(0, memory.rows, kRowsPerTask, [&](int64_t first, int64_t last) {
      RunOnLanes([&]() LONGPLAY_INLINED { ForwardRows(memory, first, last, to); });
    });
  });
  return out;
}

NormRows GatedNormInLoopsBackward(const NormRows& in, const torch::Tensor& grad,
                                  const GatedNormOptions& options) {
  const int64_t tasks = (grad.size(0) + kRowsPerTask - 1) / kRowsPerTask;
  auto y = at::empty_like(grad), z = in.z.defined() ? at::empty_like(grad) : at::Tensor();
  auto sums = at::zeros({tasks, grad.size(1)}, grad.options());
  AT_DISPATCH_FLOATING_TYPES(grad.scalar_type(), "norm backward", [&] {
    const auto memory = MemoryOf<scalar_t>(in, options);
    const GradientMemory<scalar_t> grads{.out = grad.const_data_ptr<scalar_t>(),
                                         .y = y.data_ptr<scalar_t>(),
                                         .z = z.defined() ? z.data_ptr<scalar_t>() : nullptr,
                                         .weight = sums.data_ptr<scalar_t>()};
    ParallelFor(0, tasks, 1, [&](int64_t first, int64_t last) {
      for (int64_t task = first; task < last; ++task) {
        RunOnLanes([&]() LONGPLAY_INLINED { BackwardRows(memory, grads, task); });
      }
    });
  });
  // In the order of tasks, whatever the number of threads.
  return {y, z, sums.sum(0)};
}

}  // namespace longplay
