// SPDX-License-Identifier: MIT
#include "datasets/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace longplay {

MappedFile::MappedFile(const std::filesystem::path& path, size_t size) : size_(size) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  const bool fits =
      file >= 0 && fstat(file, &status) == 0 && static_cast<size_t>(status.st_size) == size;
  void* bytes = nullptr;
  if (fits && size > 0) bytes = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
  if (file >= 0) close(file);
  if (!fits || bytes == MAP_FAILED) {
    throw std::runtime_error("mapping data: " + path.string() + ": expected a file of " +
                             std::to_string(size) + " bytes");
  }
  bytes_ = bytes;
}

MappedFile::~MappedFile() {
  if (bytes_ != nullptr) munmap(const_cast<void*>(bytes_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(size_, other.size_);
  return *this;
}

}  // namespace longplay
