// SPDX-License-Identifier: MIT
#include "model/rows/mapped_tensor.h"

#include <c10/util/accumulate.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <torch/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "model/memory/memory_meter.h"

namespace longplay {
namespace {

[[noreturn]] void Fail(const std::string& folder, size_t bytes, int error) {
  throw std::runtime_error("keeping a tensor in a file: " + folder + ": expected room for " +
                           std::to_string(bytes) + " bytes, got " +
                           std::generic_category().message(error));
}

/// An open file without a name.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& folder, size_t bytes) {
    std::string name = folder + "/longplay_XXXXXX";
    file_ = mkstemp(name.data());
    if (file_ < 0) Fail(folder, bytes, errno);
    // Without a name it goes with the last mapping, also when the process is killed.
    unlink(name.c_str());
    // Reserves the room: without it, a full disk would be a signal at the first write.
    if (const int error = posix_fallocate(file_, 0, static_cast<off_t>(bytes)); error != 0) {
      close(file_);
      Fail(folder, bytes, error);
    }
  }
  ~TemporaryFile() { close(file_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  int number() const { return file_; }

 private:
  int file_ = -1;
};

}  // namespace

torch::Tensor MappedTensor(at::IntArrayRef sizes, torch::ScalarType type) {
  const size_t bytes =
      std::max<size_t>(1, c10::multiply_integers(sizes) * torch::elementSize(type));
  const std::string folder = std::filesystem::temp_directory_path();
  // The mapping holds the file; its descriptor may be closed at the end of this function.
  const TemporaryFile file(folder, bytes);
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), 0);
  if (memory == MAP_FAILED) Fail(folder, bytes, errno);
  CountMappedBytes(static_cast<int64_t>(bytes));
  const auto release = [bytes](void* mapped) {
    munmap(mapped, bytes);
    CountMappedBytes(-static_cast<int64_t>(bytes));
  };
  return torch::from_blob(memory, sizes, release, torch::TensorOptions().dtype(type));
}

}  // namespace longplay
