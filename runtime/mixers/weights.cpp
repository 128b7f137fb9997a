// SPDX-License-Identifier: MIT
#include "runtime/mixers/weights.h"

#include <algorithm>
#include <cmath>

namespace longplay::runtime {
namespace {

int64_t PaddedOutputs(int64_t out) { return (out + kPanel - 1) / kPanel * kPanel; }

}  // namespace

MapWeights WeightLoader::Pack(const StoredTensor& tensor, int64_t in, int64_t out, bool turned) {
  MapWeights map{.in = in, .out = out, .type = type_};
  const int64_t padded = PaddedOutputs(out);
  std::byte* const panels = arena_->Take<std::byte>(padded * in * BytesOf(type_));
  float* const scales = type_ == NumberType::kInt8 ? arena_->Take<float>(padded) : nullptr;
  map.panels = panels;
  map.scales = scales;
  if (panels == nullptr) return map;
  for (int64_t o = 0; o < out; ++o) {
    const auto weight = [&](int64_t k) { return tensor[turned ? k * out + o : o * in + k]; };
    float scale = 1;
    if (type_ == NumberType::kInt8) {
      // The largest weight of an output becomes 127.
      float largest = 0;
      for (int64_t k = 0; k < in; ++k) largest = std::max(largest, std::fabs(weight(k)));
      scale = largest > 0 ? largest / 127 : 1;
      scales[o] = scale;
    }
    for (int64_t k = 0; k < in; ++k) {
      const int64_t at = (o / kPanel * in + k) * kPanel + o % kPanel;
      switch (type_) {
        case NumberType::kFloat32:
          reinterpret_cast<float*>(panels)[at] = weight(k);
          break;
        case NumberType::kFloat16:
          reinterpret_cast<uint16_t*>(panels)[at] = HalfOf(weight(k));
          break;
        case NumberType::kInt8:
          reinterpret_cast<int8_t*>(panels)[at] =
              static_cast<int8_t>(std::nearbyint(weight(k) / scale));
          break;
      }
    }
  }
  return map;
}

void WeightLoader::AddBias(const std::string& name, const std::vector<int64_t>& shape,
                           MapWeights& map) {
  if (name.empty()) return;
  const StoredTensor& tensor = file_->Take(name, shape);
  float* const bias = arena_->Take<float>(PaddedOutputs(map.out));
  map.bias = bias;
  for (int64_t o = 0; bias != nullptr && o < map.out; ++o) bias[o] = tensor[o];
}

MapWeights WeightLoader::Map(const std::string& name, int64_t in, int64_t out,
                             const std::string& bias) {
  MapWeights map = Pack(file_->Take(name, {out, in}), in, out, /*turned=*/false);
  AddBias(bias, {out}, map);
  return map;
}

MapWeights WeightLoader::Turned(const std::string& name, const std::vector<int64_t>& shape,
                                int64_t in, int64_t out, const std::string& bias,
                                const std::vector<int64_t>& bias_shape) {
  MapWeights map = Pack(file_->Take(name, shape), in, out, /*turned=*/true);
  AddBias(bias, bias_shape, map);
  return map;
}

const float* WeightLoader::Numbers(const std::string& name, const std::vector<int64_t>& shape) {
  const StoredTensor& tensor = file_->Take(name, shape);
  float* const to = arena_->Take<float>(tensor.count);
  for (int64_t i = 0; to != nullptr && i < tensor.count; ++i) to[i] = tensor[i];
  return to;
}

}  // namespace longplay::runtime
