// SPDX-License-Identifier: MIT
#include "agent/files/atomic_write.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

#include "agent/files/process_name.h"

namespace longplay {
namespace {

[[noreturn]] void FailToWrite(const std::string& doing, const std::string& path,
                              const std::string& reason) {
  throw std::runtime_error(doing + ": " + path +
                           ": expected to write a file there, got: " + reason);
}

}  // namespace

void WriteAtomically(const std::string& path, std::string_view contents, const std::string& doing) {
  const std::filesystem::path target(path);
  std::error_code error;
  if (target.has_parent_path()) std::filesystem::create_directories(target.parent_path(), error);
  // A name of its own for each process that writes the same file, on whichever machine.
  const std::string temporary = path + ".part-" + ProcessName();
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  if (!file) FailToWrite(doing, path, std::strerror(errno));
  file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  file.close();
  // Renamed when it is whole: nobody sees half a file.
  if (file) std::filesystem::rename(temporary, target, error);
  if (file && !error) return;
  const std::string reason = error ? error.message() : std::strerror(errno);
  std::filesystem::remove(temporary, error);
  FailToWrite(doing, path, reason);
}

}  // namespace longplay
