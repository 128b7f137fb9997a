// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace longplay {

/// A file's bytes in memory, read by the operating system as they are looked at. Read-only.
class MappedFile {
 public:
  MappedFile() = default;
  /// Throws std::runtime_error when it cannot be opened or has not `size` bytes.
  MappedFile(const std::filesystem::path& path, size_t size);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;

  template <typename T>
  std::span<const T> as() const {
    return {static_cast<const T*>(bytes_), size_ / sizeof(T)};
  }

 private:
  const void* bytes_ = nullptr;
  size_t size_ = 0;
};

}  // namespace longplay
