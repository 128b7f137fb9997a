// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/vector_math.h"

namespace longplay::runtime {

// Pass 1, scores: queries side by side over each panel of 32 keys, which is read once. Pass 2,
// weights: what a query does not see is 0, the rest e^(score - largest). Pass 3, heads: the weighted
// sum of the values, which are read once.

/// scores[query][slot] = scale * query . key, for the slots of all panels.
template <typename L, typename T, int kQueries>
LONGPLAY_LANES_INLINE void ScorePanels(const AttendCall& call, int64_t stride) {
  constexpr int kVectors = kPanel / L::kLanes;
  const int64_t K = call.head_width, panels = stride / kPanel;
  const T* keys = static_cast<const T*>(call.keys);
  for (int64_t panel = 0; panel < panels; ++panel, keys += K * kPanel) {
    FloatsOf<L> sum[kQueries][kVectors] = {};
    for (int64_t k = 0; k < K; ++k) {
      for (int v = 0; v < kVectors; ++v) {
        const FloatsOf<L> key = L::Load(keys + k * kPanel + v * L::kLanes);
        for (int q = 0; q < kQueries; ++q) sum[q][v] += key * call.query[q][k];
      }
    }
    for (int v = 0; v < kVectors; ++v) {
      const int64_t slot = panel * kPanel + v * L::kLanes;
      FloatsOf<L> scale = Spread<L>(call.scale);
      if (call.key_scales != nullptr) scale *= LoadFloats<L>(call.key_scales + slot);
      for (int q = 0; q < kQueries; ++q) {
        Store<L>(call.scores + q * stride + slot, sum[q][v] * scale);
      }
    }
  }
}

/// The largest score of one range.
template <typename L>
LONGPLAY_LANES_INLINE float LargestIn(const float* scores, SlotRange range) {
  float largest = -3.0e38F;
  FloatsOf<L> lanes = Spread<L>(largest);
  int64_t s = range.first;
  for (; s + L::kLanes <= range.last; s += L::kLanes) {
    lanes = Larger<L>(lanes, LoadFloats<L>(scores + s));
  }
  for (; s < range.last; ++s) largest = scores[s] > largest ? scores[s] : largest;
  const float of_lanes = LargestOf<L>(lanes);
  return of_lanes > largest ? of_lanes : largest;
}

/// Scores → weights in place, zeros in front of, between and behind the ranges; their sum.
template <typename L>
LONGPLAY_LANES_INLINE float Weigh(const AttendCall& call, const SlotRange* visible, float* scores,
                                  int64_t stride) {
  float largest = -3.0e38F;
  if (call.hidden != nullptr) {
    for (int64_t s = 0; s < call.slots; ++s) scores[s] = call.hidden[s] != 0 ? largest : scores[s];
  }
  for (int i = 0; i < 3; ++i) {
    const float own = LargestIn<L>(scores, visible[i]);
    largest = own > largest ? own : largest;
  }
  FloatsOf<L> sum{};
  int64_t done = 0;
  for (int i = 0; i < 3; ++i) {
    const int64_t first = visible[i].first, last = visible[i].last;
    if (first >= last) continue;
    std::memset(scores + done, 0, static_cast<size_t>(first - done) * sizeof(float));
    ForVectors<L>(last - first, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
      store(scores + first, Exp<L>(load(scores + first) - largest));
    });
    done = last;
  }
  std::memset(scores + done, 0, static_cast<size_t>(stride - done) * sizeof(float));
  for (int64_t s = 0; s < stride; s += L::kLanes) sum += LoadFloats<L>(scores + s);
  // Eight bits: the values' scales go into the weights, behind their sum.
  if (call.value_scales != nullptr) {
    for (int64_t s = 0; s < stride; s += L::kLanes) {
      Store<L>(scores + s, LoadFloats<L>(scores + s) * LoadFloats<L>(call.value_scales + s));
    }
  }
  return SumOf<L>(sum);
}

/// kVectors vectors of columns from `column`: heads = weights . values / sums.
template <typename L, typename T, int kQueries, int kVectors>
LONGPLAY_LANES_INLINE void ReadColumns(const AttendCall& call, int64_t stride, int64_t column,
                                       const float* sums) {
  // Few queries wait for their last addition: several slots side by side then.
  constexpr int kApart = kQueries * kVectors >= 6 ? 1 : kQueries * kVectors >= 3 ? 2 : 4;
  FloatsOf<L> sum[kApart][kQueries][kVectors] = {};
  const T* values = static_cast<const T*>(call.values) + column;
  const int64_t whole = call.slots / kApart * kApart;
  const auto add = [&](int64_t slot, int apart) LONGPLAY_LANES_LAMBDA {
    for (int v = 0; v < kVectors; ++v) {
      const FloatsOf<L> value = L::Load(values + slot * call.value_stride + v * L::kLanes);
      for (int q = 0; q < kQueries; ++q) {
        sum[apart][q][v] += value * call.scores[q * stride + slot];
      }
    }
  };
  int64_t slot = 0;
  for (; slot < whole; slot += kApart) {
    for (int apart = 0; apart < kApart; ++apart) add(slot + apart, apart);
  }
  for (; slot < call.slots; ++slot) add(slot, 0);
  for (int q = 0; q < kQueries; ++q) {
    for (int v = 0; v < kVectors; ++v) {
      FloatsOf<L> all = sum[0][q][v];
      for (int apart = 1; apart < kApart; ++apart) all += sum[apart][q][v];
      all *= Spread<L>(sums[q]);
      const int64_t at = column + v * L::kLanes;
      const int64_t left = call.head_width - at;
      if (left <= 0) continue;
      const auto count = static_cast<size_t>(left < L::kLanes ? left : L::kLanes);
      std::memcpy(call.heads[q] + at, &all, count * sizeof(float));
    }
  }
}

template <typename L, typename T, int kQueries>
LONGPLAY_LANES_INLINE void AttendTile(const AttendCall& call) {
  const int64_t stride = (call.slots + kPanel - 1) / kPanel * kPanel;
  ScorePanels<L, T, kQueries>(call, stride);
  float sums[kQueries];
  for (int q = 0; q < kQueries; ++q) {
    const float sum = Weigh<L>(call, call.visible[q], call.scores + q * stride, stride);
    sums[q] = sum > 0 ? 1 / sum : 0;
  }
  int64_t column = 0;
  for (; column + 2 * L::kLanes <= call.value_stride; column += 2 * L::kLanes) {
    ReadColumns<L, T, kQueries, 2>(call, stride, column, sums);
  }
  for (; column < call.value_stride; column += L::kLanes) {
    ReadColumns<L, T, kQueries, 1>(call, stride, column, sums);
  }
}

template <typename L, typename T>
void AttendNumbers(const AttendCall& call) {
  switch (call.queries) {
    case 1:
      return AttendTile<L, T, 1>(call);
    case 2:
      return AttendTile<L, T, 2>(call);
    case 3:
      return AttendTile<L, T, 3>(call);
    default:
      return AttendTile<L, T, 4>(call);
  }
}

template <typename L>
void Attend(const AttendCall& call) {
  switch (call.type) {
    case NumberType::kFloat32:
      return AttendNumbers<L, float>(call);
    case NumberType::kFloat16:
      return AttendNumbers<L, uint16_t>(call);
    case NumberType::kInt8:
      return AttendNumbers<L, int8_t>(call);
  }
}

}  // namespace longplay::runtime
