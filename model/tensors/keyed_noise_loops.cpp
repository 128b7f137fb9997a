// SPDX-License-Identifier: MIT
#include "model/tensors/keyed_noise_loops.h"

#include <ATen/Dispatch.h>
#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <type_traits>

#include "model/tensors/counter_seed.h"
#include "model/tensors/parallel_for.h"
#include "model/tensors/range.h"
#include "model/tensors/reference_keyed_noise.h"
#include "model/tensors/vector_lanes.h"

namespace longplay {
namespace {

constexpr int64_t kNumbersPerTask = 16384;
constexpr int64_t kColumnsAtOnce = 256;  // bits wait in the first cache
constexpr int64_t kLanesOfBits = 8;

using Bits = std::array<uint32_t, kColumnsAtOnce>;

/// The bits of the first `count` columns behind `key`, in plain loops that compilers turn into
/// vectors: whole ones, so there may be a few more.
LONGPLAY_INLINE void HashColumns(uint64_t key, int64_t count, Bits& bits) {
  const auto low = static_cast<uint32_t>(key), high = static_cast<uint32_t>(key >> 32);
  const auto whole =
      static_cast<uint32_t>((count + kLanesOfBits - 1) / kLanesOfBits * kLanesOfBits);
  for (uint32_t c = 0; c < whole; ++c) {
    // The low half of key + c; a carry goes to the high half.
    uint32_t x = low + c;
    const uint32_t carried = high + (x < low ? 1U : 0U);
    // triple32 in three rounds, the high half added after the first.
    x ^= x >> 17;
    x *= 0xed5ad4bb;
    x ^= x >> 11;
    x += carried;
    x *= 0xac4c1b51;
    x ^= x >> 15;
    x *= 0x31848bab;
    bits[c] = x ^ (x >> 14);
  }
}

/// use(place, bits, count) for all columns of the rows first <= r < last; place counts numbers.
template <typename Use>
LONGPLAY_INLINE void ForEachPlace(const int64_t* keys, Range rows, int64_t columns,
                                  const Use& use) {
  alignas(64) Bits bits;
  for (int64_t row = rows.first; row < rows.last; ++row) {
    // The bits of some columns, then their use, so that they stay in the cache.
    for (int64_t c = 0; c < columns; c += kColumnsAtOnce) {
      const int64_t count = std::min(kColumnsAtOnce, columns - c);
      HashColumns(static_cast<uint64_t>(keys[row]) + static_cast<uint64_t>(c), count, bits);
      use(row * columns + c, bits.data(), count);
    }
  }
}

template <typename Use>
void OnThreads(const torch::Tensor& keys, int64_t columns, const Use& use) {
  const auto* from = keys.const_data_ptr<int64_t>();
  const int64_t rows_per_task =
      std::max<int64_t>(1, kNumbersPerTask / std::max<int64_t>(1, columns));
  ParallelFor(0, keys.numel(), rows_per_task, [&](int64_t first, int64_t last) {
    RunOnLanes([&]() LONGPLAY_INLINED { ForEachPlace(from, {first, last}, columns, use); });
  });
}

/// Bits below the threshold are dropped. `W`: what is multiplied in.
template <typename T, typename W>
struct Dropping {
  const T* x;
  T* y;
  uint32_t threshold;
  W scale;

  LONGPLAY_INLINE void operator()(int64_t place, const uint32_t* bits, int64_t count) const {
    const T* from = x + place;
    T* to = y + place;
    const W kept = scale;  // read once: compilers make no vectors of a choice between loads
    const uint32_t first_kept = threshold;
#pragma GCC ivdep  // x is y itself, or apart from it
    for (int64_t i = 0; i < count; ++i) {
      to[i] = static_cast<T>(static_cast<W>(from[i]) * (bits[i] < first_kept ? W{0} : kept));
    }
  }
};

template <typename T>
struct Uniform {
  T* to;

  LONGPLAY_INLINE void operator()(int64_t place, const uint32_t* bits, int64_t count) const {
    constexpr bool kWide = std::is_same_v<T, double>;
    constexpr int kUnused = kWide ? 0 : 9;  // with a half behind them, as many bits as T holds
    constexpr T kStep = kWide ? T(0x1p-32) : T(0x1p-23);
    for (int64_t i = 0; i < count; ++i) {
      to[place + i] = (static_cast<T>(bits[i] >> kUnused) + T(0.5)) * kStep;
    }
  }
};

}  // namespace

torch::Tensor KeysAtInLoops(const torch::Tensor& keys, uint64_t place) {
  auto inner = at::empty(keys.sizes(), keys.options());
  const auto* from = keys.const_data_ptr<int64_t>();
  auto* to = inner.data_ptr<int64_t>();
  ParallelFor(0, keys.numel(), kNumbersPerTask, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      to[i] = static_cast<int64_t>(CounterSeed(static_cast<uint64_t>(from[i]), place));
    }
  });
  return inner;
}

void DropInLoops(const torch::Tensor& x, const torch::Tensor& keys, double probability,
                 torch::Tensor& y) {
  AT_DISPATCH_FLOATING_TYPES_AND2(at::kHalf, at::kBFloat16, x.scalar_type(), "dropout", [&] {
    // 16-bit numbers are scaled in float32 and rounded once.
    using Wide = std::conditional_t<std::is_same_v<scalar_t, double>, double, float>;
    OnThreads(keys, x.size(-1),
              Dropping<scalar_t, Wide>{.x = x.const_data_ptr<scalar_t>(),
                                       .y = y.data_ptr<scalar_t>(),
                                       .threshold = DropThreshold(probability),
                                       .scale = static_cast<Wide>(1 / (1 - probability))});
  });
}

torch::Tensor UniformInLoops(const torch::Tensor& keys, int64_t columns, torch::ScalarType type) {
  auto sizes = keys.sizes().vec();
  sizes.push_back(columns);
  auto uniform = at::empty(sizes, keys.options().dtype(type));
  AT_DISPATCH_FLOATING_TYPES(type, "uniform noise", [&] {
    OnThreads(keys, columns, Uniform<scalar_t>{uniform.data_ptr<scalar_t>()});
  });
  return uniform;
}

}  // namespace longplay
