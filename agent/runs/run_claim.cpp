// SPDX-License-Identifier: MIT
#include "agent/runs/run_claim.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace longplay {

std::optional<RunClaim> RunClaim::Try(const std::string& file) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), ignored);
  constexpr int kOwnerWrites = 0644;
  RunClaim claim(open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerWrites));
  if (claim.descriptor_ < 0) {
    throw std::runtime_error("claiming a run: " + file +
                             ": expected to make a file there, got: " + std::strerror(errno));
  }
  if (flock(claim.descriptor_, LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return claim;
}

RunClaim::RunClaim(RunClaim&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

RunClaim::~RunClaim() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace longplay
