// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

namespace longplay {

/// A run that this process works on, and no other that asks for the same file. Given back when it
/// is destroyed or the process ends, however that happens.
class RunClaim {
 public:
  /// `file` is made where it is not there, with its folder. Empty if another process has the claim.
  /// Throws std::runtime_error where no file can be made.
  static std::optional<RunClaim> Try(const std::string& file);

  RunClaim(RunClaim&& other) noexcept;
  RunClaim& operator=(RunClaim&&) = delete;
  ~RunClaim();

 private:
  explicit RunClaim(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace longplay
