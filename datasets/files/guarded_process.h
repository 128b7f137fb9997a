// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace longplay {

struct GuardLimits {
  int64_t memory_bytes = int64_t{1} << 30;  // address space beyond what the process has already
  int64_t silent_seconds = 60;              // killed when it reports no progress for this long
};

/// How a guarded run ended.
struct GuardedResult {
  bool finished = false;
  std::string text;  // what the work returned; otherwise how it died ("a crash (signal 11)")
};

/// Work in a forked child process, because the libraries it calls may crash, hang or allocate
/// without bound on damaged input. The child's output is discarded and nothing it changes in memory
/// is seen here: only answers, and what it writes to open files, come back. It ends when this does.
class GuardedProcess {
 public:
  /// Answers a request in the child, in memory that is used again; calls `alive` now and then to say
  /// that it is. Exceptions are answers that did not finish.
  using Serve = std::function<void(const std::string& request, std::string& answer,
                                   const std::function<void()>& alive)>;

  /// Throws std::runtime_error when no child can be started.
  GuardedProcess(const GuardLimits& limits, const Serve& serve);
  ~GuardedProcess();
  GuardedProcess(const GuardedProcess&) = delete;
  GuardedProcess& operator=(const GuardedProcess&) = delete;

  /// Waits for the answer, which holds until the next request. When the child died or was silent for
  /// too long, this and every later answer says so.
  const GuardedResult& Ask(const std::string& request);

 private:
  void End();

  GuardLimits limits_;
  int child_ = -1;
  int socket_ = -1;  // our end
  int memory_ = -1;  // a file without a name, for answers that are too large for the socket
  GuardedResult result_;
  std::string death_;  // why no answer comes any more; "" = it lives
};

/// Work that needs no request.
GuardedResult RunGuarded(
    const GuardLimits& limits,
    const std::function<std::string(const std::function<void()>& alive)>& work);

}  // namespace longplay
