// SPDX-License-Identifier: MIT
#include "datasets/files/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace longplay {

MappedFile::MappedFile(const std::filesystem::path& path, size_t size) : size_(size) {
  const auto fail = [&](const std::string& got) {
    throw std::runtime_error("mapping data: " + path.string() + ": expected a file of " +
                             std::to_string(size) + " bytes, got " + got);
  };
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(std::strerror(errno));
  struct stat status = {};
  void* bytes = nullptr;
  int error = fstat(file, &status) == 0 ? 0 : errno;
  // Reading a map beyond the file's end is SIGBUS; a map of 0 bytes is refused by mmap.
  const bool fits = static_cast<size_t>(status.st_size) == size;
  if (error == 0 && fits && size > 0) {
    bytes = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED) error = errno;
  }
  close(file);  // the map stays, and nothing was written
  if (error != 0) fail(std::strerror(error));
  if (!fits) fail(std::to_string(status.st_size));
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
