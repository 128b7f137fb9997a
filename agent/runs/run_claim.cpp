// SPDX-License-Identifier: MIT
#include "agent/runs/run_claim.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "agent/files/process_name.h"
#include "agent/notes.h"
#include "agent/stop_signal.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kRenewed{10};     // how often a lease is
constexpr double kForgotten = 60;                // [s] after which one that was not counts no more
constexpr std::chrono::milliseconds kLook{500};  // between looks at whether one is renewed

[[noreturn]] void Fail(const std::string& file) {
  throw std::runtime_error("claiming a run: " + file +
                           ": expected to make a file there, got: " + std::strerror(errno));
}

/// "process 17 on rosalind": what a claim's file says.
std::string Me() { return "process " + std::to_string(getpid()) + " on " + HostName(); }

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

/// A file that exists as long as it is open.
class Descriptor {
 public:
  explicit Descriptor(const std::string& file) : path_(file) {
    constexpr int kOwnerWrites = 0644;
    descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerWrites);
    if (descriptor_ < 0) Fail(file);
  }
  Descriptor(Descriptor&& other) noexcept
      : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

  void Write(const std::string& text) const {
    if (ftruncate(descriptor_, 0) != 0 ||
        pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size())) {
      Fail(path_);
    }
  }

  /// False once the file was deleted, or another one took its place. Open, it keeps its number.
  bool IsStillThere() const {
    struct stat mine = {}, there = {};
    return fstat(descriptor_, &mine) == 0 && stat(path_.c_str(), &there) == 0 &&
           mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
  }

  /// What the file says that took its place; empty if none did.
  std::string ReplacedBy() const {
    std::error_code ignored;
    if (IsStillThere() || !fs::exists(path_, ignored)) return "";
    const std::string text = Text(path_);
    return text.empty() ? "another process" : text;
  }

  /// Its time is that of now, whatever stands under its name.
  void Touch() const { futimens(descriptor_, nullptr); }

 private:
  std::string path_;
  int descriptor_ = -1;
};

/// [s] since `path` was written, by the clock of its file system; negative if it is not there.
double Age(const std::string& path) {
  const std::string probe = path + ".now-" + ProcessName();
  // A file written now has the time that this file system counts by.
  { Descriptor(probe).Write("now"); }
  struct stat now = {}, then = {};
  const bool known = stat(probe.c_str(), &now) == 0 && stat(path.c_str(), &then) == 0;
  unlink(probe.c_str());
  return known ? difftime(now.st_mtime, then.st_mtime) : -1;
}

/// When `path` was written, as its file system says now; -1 if it is not there.
timespec TimeOf(const std::string& path) {
  // Opened: a network file system then asks its server.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat then = {};
  const bool known = descriptor >= 0 && fstat(descriptor, &then) == 0;
  if (descriptor >= 0) close(descriptor);
  return known ? then.st_mtim : timespec{-1, 0};
}

/// Who has a claim, out of its text; process 0 where the text is another.
struct ClaimHolder {
  long process = 0;
  std::string host;
  bool is_of_this_machine() const { return process > 0 && host == HostName(); }
};
ClaimHolder HolderIn(const std::string& text) {
  long process = 0;
  char host[256] = {};
  if (std::sscanf(text.c_str(), "process %ld on %255s", &process, host) != 2) return {};
  return {process, host};
}

/// Whether the lease says that a process of this machine has it that is no more. `locked`: this
/// process has the lock beside it, which no living process of this machine can have, then.
bool IsOfADeadNeighbour(const std::string& lease, bool locked) {
  const ClaimHolder holder = HolderIn(lease);
  if (!holder.is_of_this_machine()) return false;
  return locked || (kill(static_cast<pid_t>(holder.process), 0) != 0 && errno == ESRCH);
}

}  // namespace

class RunClaim::Holder {
 public:
  virtual ~Holder() = default;
  virtual void Remove() = 0;
  virtual std::string TakenBy() const = 0;
};

namespace {

class Lock : public RunClaim::Holder {
 public:
  Lock(std::string file, Descriptor descriptor)
      : file_(std::move(file)), descriptor_(std::move(descriptor)) {}
  void Remove() override {  // the descriptor closes with this
    if (descriptor_.IsStillThere()) unlink(file_.c_str());
  }
  std::string TakenBy() const override { return descriptor_.ReplacedBy(); }

 private:
  std::string file_;
  Descriptor descriptor_;
};

/// Renews its file on a thread of its own, so that steps may take as long as they like.
class Lease : public RunClaim::Holder {
 public:
  explicit Lease(const std::string& file)
      : file_(file), descriptor_(file), renewing_([this] { Renew(); }) {}
  ~Lease() override {
    {
      const std::lock_guard hold(mutex_);
      ends_ = true;
    }
    wake_.notify_one();
    renewing_.join();
    // Only its own: it may have been taken away from a process that slept too long.
    if (descriptor_.IsStillThere()) unlink(file_.c_str());
  }
  void Remove() override {}  // its destructor does
  std::string TakenBy() const override { return descriptor_.ReplacedBy(); }

 private:
  void Renew() {
    std::unique_lock hold(mutex_);
    // Its own file, never that of a process that has taken the lease over.
    while (!wake_.wait_for(hold, kRenewed, [this] { return ends_; })) descriptor_.Touch();
  }

  std::string file_;
  Descriptor descriptor_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ends_ = false;
  std::thread renewing_;  // last: reads the others
};

/// A lock, for the processes of this machine, with a lease for those of others.
class LockAndLease : public RunClaim::Holder {
 public:
  LockAndLease(std::unique_ptr<RunClaim::Holder> lock, std::unique_ptr<RunClaim::Holder> lease)
      : lock_(std::move(lock)), lease_(std::move(lease)) {}
  void Remove() override { lock_->Remove(); }
  std::string TakenBy() const override {
    const std::string who = lock_->TakenBy();
    return who.empty() ? lease_->TakenBy() : who;
  }

 private:
  std::unique_ptr<RunClaim::Holder> lock_, lease_;  // the lease goes first
};

std::unique_ptr<RunClaim::Holder> TryLease(const std::string& file, bool locked) {
  const std::string lease = file + ".lease", own = lease + "." + ProcessName();
  // Phase 1: a lease whose holder is gone, or silent for too long, is taken away.
  const std::string holder = Text(lease);
  if (!holder.empty() && (IsOfADeadNeighbour(holder, locked) || Age(lease) > kForgotten)) {
    // Out of the way by renaming: of several that try, one succeeds.
    const std::string old = own + ".old";
    if (rename(lease.c_str(), old.c_str()) == 0) {
      // Somebody was quicker and this is theirs: back with it.
      if (Text(old) != holder) link(old.c_str(), lease.c_str());
      unlink(old.c_str());
    }
  }
  // Phase 2: written whole under a name of its own, then linked to the lease's.
  { Descriptor(own).Write(Me()); }
  // A link is made whole or not at all, on network file systems too.
  const bool mine = link(own.c_str(), lease.c_str()) == 0;
  unlink(own.c_str());
  return mine ? std::make_unique<Lease>(lease) : nullptr;
}

enum class Locked { kMine, kAnothers, kCannotLock };

Locked LockNow(const Descriptor& descriptor) {
  if (flock(descriptor.get(), LOCK_EX | LOCK_NB) == 0) return Locked::kMine;
  // A file system without locks, or without them here; any other error is another's lock.
  const bool cannot = errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL;
  return cannot ? Locked::kCannotLock : Locked::kAnothers;
}

}  // namespace

std::optional<RunClaim> RunClaim::Try(const std::string& file, ClaimBy by) {
  std::error_code ignored;
  if (const fs::path folder = fs::path(file).parent_path(); !folder.empty()) {
    fs::create_directories(folder, ignored);
  }
  // A lock, tried again where its file was deleted between opening and locking.
  while (by != ClaimBy::kLease) {
    Descriptor descriptor(file);
    const Locked locked = LockNow(descriptor);
    if (locked == Locked::kAnothers) return std::nullopt;
    if (locked == Locked::kCannotLock) {
      if (by == ClaimBy::kAuto) break;
      Fail(file);
    }
    if (!descriptor.IsStillThere()) continue;  // its last holder removed it meanwhile
    descriptor.Write(Me());
    auto lock = std::make_unique<Lock>(file, std::move(descriptor));
    if (by == ClaimBy::kLock) return RunClaim(std::move(lock));
    // Locks of some shared file systems are seen on one machine alone (Lustre's localflock, NFS's
    // local_lock): a lease keeps the others away.
    auto lease = TryLease(file, /*locked=*/true);
    if (!lease) return std::nullopt;
    return RunClaim(std::make_unique<LockAndLease>(std::move(lock), std::move(lease)));
  }
  // A lease alone, asked for or for want of locks.
  auto lease = TryLease(file, /*locked=*/false);
  if (!lease) return std::nullopt;
  return RunClaim(std::move(lease));
}

namespace {

/// The claim of a machine that is gone, once its lease has not been renewed for long enough. Empty as
/// soon as the lease is renewed, or after a signal to stop.
std::optional<RunClaim> TryWhileSilent(const std::string& file, const std::string& what) {
  const std::string lease = file + ".lease", who = Text(lease);
  // A process of this machine that has it is alive.
  if (who.empty() || HolderIn(who).is_of_this_machine()) return std::nullopt;
  PrintNote(who + " writes " + what + ", or is gone; waiting for up to a minute to see which");
  const timespec written = TimeOf(lease);
  const auto is_silent = [&] {
    const timespec now = TimeOf(lease);
    return now.tv_sec == written.tv_sec && now.tv_nsec == written.tv_nsec;
  };
  while (is_silent() && StopSignal().empty()) {
    std::this_thread::sleep_for(kLook);
    if (auto claim = RunClaim::Try(file)) return claim;
  }
  return std::nullopt;
}

}  // namespace

RunClaim RunClaim::Take(const std::string& file, const std::string& doing,
                        const std::string& what) {
  if (auto claim = Try(file)) return std::move(*claim);
  if (auto claim = TryWhileSilent(file, what)) return std::move(*claim);
  // Whichever of the two was refused has the holder's name, unless it is gone by now.
  std::string who = Text(file + ".lease");
  if (who.empty()) who = Text(file);
  throw std::invalid_argument(doing + ": " + what +
                              ": expected no other process to write it, got " +
                              (who.empty() ? "one that does" : who));
}

std::string RunClaim::TakenBy() const { return holder_->TakenBy(); }

void RunClaim::Check(const std::string& doing, const std::string& what) const {
  const std::string who = TakenBy();
  if (who.empty()) return;
  throw ClaimLost(doing + ": " + what + ": expected no other process to write it, got " + who +
                  ", which took it over from this one; what was saved is kept");
}

void RunClaim::Remove() {
  holder_->Remove();
  holder_.reset();
}

RunClaim::RunClaim(std::unique_ptr<Holder> holder) : holder_(std::move(holder)) {}
RunClaim::RunClaim(RunClaim&& other) noexcept = default;
RunClaim::~RunClaim() = default;

std::string ClaimFile(const std::string& run) { return run + "/.claim"; }

}  // namespace longplay
