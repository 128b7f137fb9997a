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

/// Runs `work` in a forked child process, because the libraries it calls may crash, hang or
/// allocate without bound on damaged input. The child's output is discarded and nothing it changes
/// in memory is seen here: only the returned text, and what it writes to open files, comes back.
/// `work` calls its argument now and then to say that it is alive. Exceptions count as dying.
/// Throws std::runtime_error when no child can be started.
GuardedResult RunGuarded(
    const GuardLimits& limits,
    const std::function<std::string(const std::function<void()>& alive)>& work);

}  // namespace longplay
