// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace longplay {

/// How a claim keeps others away.
enum class ClaimBy {
  kAuto,  // kLock and kLease where the file system has locks, else kLease
  kLock,  // a lock of the file, which the system takes back when the process ends, however it does;
          // some shared file systems do not show it to other machines
  kLease  // a file beside it that says who holds the claim, renewed every few seconds; one that was
          // not renewed for a minute, or whose process on this machine is gone, counts no more
};

/// Another process has the claim that this one had. What it guards is the other's to write.
class ClaimLost : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A run folder, or a file in the making, that this process writes, and no other that asks for the
/// same claim. Given back when it is destroyed or the process ends.
class RunClaim {
 public:
  /// `file` is made where it is not there, with its folder, and says which process has the claim.
  /// Empty if another process has it. Throws std::runtime_error where no file can be made.
  static std::optional<RunClaim> Try(const std::string& file, ClaimBy by = ClaimBy::kAuto);

  /// Try, for a claim that must be had. One of another machine is waited for until it is renewed,
  /// or counts no more because that machine is gone: a minute at most, with a note. Throws
  /// std::invalid_argument, "<doing>: <what>: expected no other process to write it, got process 17
  /// on rosalind", where another has it.
  static RunClaim Take(const std::string& file, const std::string& doing, const std::string& what);

  /// "process 17 on rosalind", once that one has it in place of this process; else empty. A lease is
  /// taken over from a process that did not renew it for a minute, because it slept or was cut off
  /// from the file system; a lock from one whose file was deleted.
  std::string TakenBy() const;

  /// For who is about to write: throws ClaimLost, "<doing>: <what>: expected no other process to
  /// write it, got process 17 on rosalind, which took it over ...", once another has the claim.
  void Check(const std::string& doing, const std::string& what) const;

  /// Gives the claim back and deletes its file, for what must leave nothing behind.
  void Remove();

  RunClaim(RunClaim&& other) noexcept;
  RunClaim& operator=(RunClaim&&) = delete;
  ~RunClaim();

  class Holder;

 private:
  explicit RunClaim(std::unique_ptr<Holder> holder);
  std::unique_ptr<Holder> holder_;
};

/// The claim of a whole run folder: `run`/.claim.
std::string ClaimFile(const std::string& run);

}  // namespace longplay
