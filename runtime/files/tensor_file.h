// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace longplay::runtime {

/// All bytes of a file of at most `most` bytes. Throws Failure: LONGPLAY_NO_FILE, or
/// LONGPLAY_DAMAGED for a longer one.
std::string ReadWholeFile(const std::string& path, size_t most);

/// Of any bytes; not against intent.
uint64_t HashOf(const char* bytes, size_t count);

/// A tensor of a safetensors file, its bytes in place.
struct StoredTensor {
  std::string name;
  std::vector<int64_t> shape;  // every size at least 1
  int64_t count = 0;           // of numbers: the product of the shape
  bool wide = false;           // float64, else float32
  const char* bytes = nullptr;

  double at(int64_t index) const;
  float operator[](int64_t index) const { return static_cast<float>(at(index)); }
};

/// A safetensors file with tensors of float32 and float64, whole in memory.
class TensorFile {
 public:
  /// Throws Failure: LONGPLAY_NO_FILE, LONGPLAY_DAMAGED, or LONGPLAY_NOT_SUPPORTED for other
  /// types of numbers.
  explicit TensorFile(const std::string& path);
  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;

  const StoredTensor* Find(const std::string& name) const;  // null where there is none
  /// Throws Failure (LONGPLAY_DAMAGED) unless there is one of this shape.
  const StoredTensor& Take(const std::string& name, const std::vector<int64_t>& shape) const;
  int64_t numbers() const { return numbers_; }  // in all tensors
  uint64_t hash() const;                        // of all bytes

 private:
  void ReadHeader(const std::string& header, size_t data_begin);

  std::string path_, bytes_;
  std::vector<StoredTensor> tensors_;
  int64_t numbers_ = 0;
};

}  // namespace longplay::runtime
