// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/vector_math.h"

namespace longplay::runtime {

/// Rows that share each load of a panel's weights: as many as registers hold sums for.
template <typename L>
inline constexpr int kRowTile = L::kLanes >= 16  ? 6
                                : L::kLanes >= 8 ? 3
                                                 : 2;

/// y = W x for `kRows` rows and one panel. A single row has two sums for each output, even and odd
/// inputs apart, because one waits for its last addition.
template <typename L, typename T, int kRows>
LONGPLAY_LANES_INLINE void MapPanel(const T* panel, int64_t in, ConstRows x, float* sums) {
  constexpr int kVectors = kPanel / L::kLanes;
  constexpr int kApart = kRows == 1 ? 2 : 1;
  FloatsOf<L> sum[kApart][kRows][kVectors] = {};
  int64_t k = 0;
  for (; k + kApart <= in; k += kApart) {
    for (int apart = 0; apart < kApart; ++apart) {
      for (int v = 0; v < kVectors; ++v) {
        const FloatsOf<L> weights = L::Load(panel + (k + apart) * kPanel + v * L::kLanes);
        for (int row = 0; row < kRows; ++row) {
          sum[apart][row][v] += weights * x.data[row * x.stride + k + apart];
        }
      }
    }
  }
  for (; k < in; ++k) {
    for (int v = 0; v < kVectors; ++v) {
      sum[0][0][v] += L::Load(panel + k * kPanel + v * L::kLanes) * x.data[k];
    }
  }
  for (int row = 0; row < kRows; ++row) {
    for (int v = 0; v < kVectors; ++v) {
      FloatsOf<L> all = sum[0][row][v];
      if constexpr (kApart == 2) all += sum[1][row][v];
      Store<L>(sums + row * kPanel + v * L::kLanes, all);
    }
  }
}

/// Scales, bias, and the outputs that there are.
template <typename L>
LONGPLAY_LANES_INLINE void FinishPanel(const MapWeights& weights, int64_t panel, float* sums,
                                       float* y) {
  const int64_t first = panel * kPanel;
  const int64_t count = weights.out - first < kPanel ? weights.out - first : kPanel;
  for (int64_t i = 0; i < kPanel; i += L::kLanes) {
    FloatsOf<L> sum = LoadFloats<L>(sums + i);
    if (weights.scales != nullptr) sum *= LoadFloats<L>(weights.scales + first + i);
    if (weights.bias != nullptr) sum += LoadFloats<L>(weights.bias + first + i);
    Store<L>(sums + i, sum);
  }
  std::memcpy(y + first, sums, static_cast<size_t>(count) * sizeof(float));
}

template <typename L, typename T, int kRows>
LONGPLAY_LANES_INLINE void MapTile(const MapWeights& weights, int64_t panel, ConstRows x,
                                   MutableRows y) {
  alignas(64) float sums[kRows * kPanel];
  MapPanel<L, T, kRows>(static_cast<const T*>(weights.panels) + panel * weights.in * kPanel,
                        weights.in, x, sums);
  for (int row = 0; row < kRows; ++row) {
    FinishPanel<L>(weights, panel, sums + row * kPanel, y.data + row * y.stride);
  }
}

template <typename L, typename T>
void MapRows(const MapWeights& weights, ConstRows x, int64_t rows, MutableRows y) {
  const int64_t panels = (weights.out + kPanel - 1) / kPanel;
  // All rows pass over one panel, which stays in the first cache.
  for (int64_t panel = 0; panel < panels; ++panel) {
    int64_t row = 0;
    const auto from = [&](int64_t r) { return ConstRows{x.data + r * x.stride, x.stride}; };
    const auto to = [&](int64_t r) { return MutableRows{y.data + r * y.stride, y.stride}; };
    for (; row + kRowTile<L> <= rows; row += kRowTile<L>) {
      MapTile<L, T, kRowTile<L>>(weights, panel, from(row), to(row));
    }
    for (; row + 3 <= rows; row += 3) MapTile<L, T, 3>(weights, panel, from(row), to(row));
    for (; row + 2 <= rows; row += 2) MapTile<L, T, 2>(weights, panel, from(row), to(row));
    for (; row < rows; ++row) MapTile<L, T, 1>(weights, panel, from(row), to(row));
  }
}

template <typename L>
void Map(const MapWeights& weights, ConstRows x, int64_t rows, MutableRows y) {
  switch (weights.type) {
    case NumberType::kFloat32:
      return MapRows<L, float>(weights, x, rows, y);
    case NumberType::kFloat16:
      return MapRows<L, uint16_t>(weights, x, rows, y);
    case NumberType::kInt8:
      return MapRows<L, int8_t>(weights, x, rows, y);
  }
}

}  // namespace longplay::runtime
