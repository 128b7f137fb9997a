// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay::runtime {

/// How numbers are held; the values are those of runtime/longplay.h. Sixteen bits are IEEE's half.
/// Eight bits are -127 .. 127 times a scale.
enum class NumberType : int32_t { kFloat32 = 0, kFloat16 = 1, kInt8 = 2 };
constexpr int64_t BytesOf(NumberType type) {
  return type == NumberType::kFloat32 ? 4 : type == NumberType::kFloat16 ? 2 : 1;
}

inline constexpr int64_t kPanel = 32;       // outputs of a map, or slots of keys, that lie together
inline constexpr int64_t kColumnStep = 16;  // rows of values are padded to a multiple of this
inline constexpr int64_t kQueryTile = 4;    // queries that pass over the keys together

/// A linear map: weights in panels of 32 outputs, [panels][in][32]. Where the outputs end inside a
/// panel the rest is zero.
struct MapWeights {
  int64_t in = 0, out = 0;
  NumberType type = NumberType::kFloat32;
  const void* panels = nullptr;
  const float* scales = nullptr;  // [panels * 32] of each output, eight bits alone
  const float* bias = nullptr;    // [panels * 32]; null = none
};

/// Rows of numbers, `stride` apart.
struct ConstRows {
  const float* data;
  int64_t stride;
};
struct MutableRows {
  float* data;
  int64_t stride;
};

/// Slots first <= s < last.
struct SlotRange {
  int64_t first = 0, last = 0;
};

/// Up to kQueryTile queries of one chain to one head of keys and values.
struct AttendCall {
  NumberType type = NumberType::kFloat32;
  const void* keys = nullptr;                // [panels][K][32]
  const void* values = nullptr;              // [slots][V]; V = K, padded
  const float* key_scales = nullptr;         // [slots] eight bits alone
  const float* value_scales = nullptr;       // [slots]
  const uint8_t* hidden = nullptr;           // [slots] 1 = no query sees it; null = none is hidden
  int64_t head_width = 0, value_stride = 0;  // K, V
  int64_t slots = 0;                         // in use
  float scale = 1;                           // of the scores
  int64_t queries = 0;
  const float* query[kQueryTile] = {};    // [K] each
  float* heads[kQueryTile] = {};          // [K] each: the result
  SlotRange visible[kQueryTile][3] = {};  // what each sees, apart from each other and ascending
  float* scores = nullptr;                // [queries][slots in whole panels] to work in
};

/// One token's step of Mamba's scan. States lie [S][E].
struct ScanStep {
  int64_t channels, size;  // E, S
  const float* x;          // [E]
  const float* delta;      // [E]
  const float* rates;      // [S][E], negative
  const float* b;          // [S]
  const float* c;          // [S]
  const float* d;          // [E]
  float* state;            // [S][E]
  float* y;                // [E]
};

/// One token's step of one head of Mamba-2. States lie [S][K].
struct DualStep {
  int64_t width, size;  // K, S
  float decay, delta, d;
  const float* x;  // [K]
  const float* b;  // [S]
  const float* c;  // [S]
  float* state;    // [S][K]
  float* y;        // [K]
};

/// One token's step of one head of RWKV-7. States lie [keys][values].
struct DeltaStep {
  int64_t width;                       // K
  const float *r, *w, *k, *v, *a, *b;  // [K]
  float* state;                        // [K][K]
  float* y;                            // [K]
};

/// One token's step of RWKV-4.
struct DecayStep {
  int64_t width;                    // D
  const float *decay, *first;       // [D]: w < 0, u
  const float *k, *v;               // [D]
  float *sums, *weights, *largest;  // [D] state
  float* y;                         // [D]
};

/// One token's short convolution, then SiLU. The window holds the last inputs, oldest first.
struct ConvolutionStep {
  int64_t channels, width;  // C, W
  const float* x;           // [C]
  const float* weights;     // [W][C]; null bias = none
  const float* bias;        // [C]
  float* window;            // [W - 1][C]
  float* y;                 // [C]
};

/// Loops of one set of vector instructions. None allocates; all are bound to the caller's sizes.
struct Kernels {
  const char* name;
  /// y = W x + bias for each of `rows` rows.
  void (*map)(const MapWeights& weights, ConstRows x, int64_t rows, MutableRows y);
  /// Softmax attention; queries that see no slot give zeros.
  void (*attend)(const AttendCall& call);
  /// (x - mean) / deviation * weight + bias over `width` numbers; without bias: x / root mean
  /// square * weight.
  void (*norm)(const float* x, int64_t width, const float* weight, const float* bias, float epsilon,
               float* y);
  // y may be x in all of these.
  void (*gelu)(const float* x, int64_t count, float* y);
  void (*gelu_tanh)(const float* x, int64_t count, float* y);
  void (*sigmoid)(const float* x, int64_t count, float* y);
  void (*silu_times)(const float* x, const float* times, int64_t count, float* y);
  void (*exponential)(const float* x, int64_t count, float* y);
  void (*softplus)(const float* x, int64_t count, float* y);
  /// y = x + (before - x) * share.
  void (*mix)(const float* x, const float* before, const float* share, int64_t count, float* y);
  void (*scan)(const ScanStep& step);
  void (*dual)(const DualStep& step);
  void (*delta)(const DeltaStep& step);
  void (*decay)(const DecayStep& step);
  void (*convolve)(const ConvolutionStep& step);
  /// sums [slots][width] += k v^T; y = q sums.
  void (*slot_memory)(const float* k, const float* v, const float* q, int64_t slots, int64_t width,
                      float* sums, float* y);
};

/// Null where this build, or this processor, has no such instructions. `vectors` as in
/// runtime/longplay.h; `found` is what was chosen.
const Kernels* ChooseKernels(int32_t vectors, int32_t* found);

uint16_t HalfOf(float number);  // rounded to even
float FloatOf(uint16_t half);

}  // namespace longplay::runtime
