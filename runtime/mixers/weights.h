// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/files/tensor_file.h"
#include "runtime/kernels/kernels.h"
#include "runtime/mixers/arena.h"

namespace longplay::runtime {

/// Takes weights out of a file into the arena, as kernels want them. Throws Failure
/// (LONGPLAY_DAMAGED) where a tensor is missing or of another shape.
class WeightLoader {
 public:
  WeightLoader(const TensorFile& file, Arena& arena, NumberType type)
      : file_(&file), arena_(&arena), type_(type) {}

  /// A map with tensor `name` [out, in], and `bias` [out] if it is not empty.
  MapWeights Map(const std::string& name, int64_t in, int64_t out, const std::string& bias);
  /// The same of a tensor of another shape that holds [in, out] numbers.
  MapWeights Turned(const std::string& name, const std::vector<int64_t>& shape, int64_t in,
                    int64_t out, const std::string& bias, const std::vector<int64_t>& bias_shape);
  /// prefix.weight and prefix.bias.
  MapWeights Linear(const std::string& prefix, int64_t in, int64_t out) {
    return Map(prefix + ".weight", in, out, prefix + ".bias");
  }

  /// The numbers of a tensor, in their order.
  const float* Numbers(const std::string& name, const std::vector<int64_t>& shape);
  /// f(number) of each; [rows, columns] turned to [columns, rows].
  template <typename F>
  const float* Turned(const std::string& name, const std::vector<int64_t>& shape, int64_t rows,
                      int64_t columns, const F& f) {
    const StoredTensor& tensor = file_->Take(name, shape);
    float* to = arena_->Take<float>(tensor.count);
    for (int64_t i = 0; to != nullptr && i < tensor.count; ++i) {
      to[i % columns * rows + i / columns] = static_cast<float>(f(tensor.at(i)));
    }
    return to;
  }
  bool Has(const std::string& name) const { return file_->Find(name) != nullptr; }
  const StoredTensor* Find(const std::string& name) const { return file_->Find(name); }
  /// Without a narrower type: of maps so small that nothing is gained.
  WeightLoader Exact() const { return {*file_, *arena_, NumberType::kFloat32}; }
  Arena& arena() const { return *arena_; }

 private:
  MapWeights Pack(const StoredTensor& tensor, int64_t in, int64_t out, bool turned);
  void AddBias(const std::string& name, const std::vector<int64_t>& shape, MapWeights& map);

  const TensorFile* file_;  // not owned
  Arena* arena_;            // not owned
  NumberType type_;
};

}  // namespace longplay::runtime
