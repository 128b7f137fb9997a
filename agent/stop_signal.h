// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace longplay {

/// Work was stopped by a signal, and all of it is kept. The message says what was saved; `resume`
/// is the command that goes on. An exception, because it ends whatever called the work as well.
class StoppedBySignal : public std::runtime_error {
 public:
  StoppedBySignal(const std::string& message, std::string resume)
      : std::runtime_error(message), resume_(std::move(resume)) {}
  const std::string& resume() const { return resume_; }

 private:
  std::string resume_;
};

/// From now on SIGINT, SIGTERM and SIGUSR1 only set a flag, which long work looks at between two
/// steps; a second one ends the process at once. Called by commands that can go on later.
void CatchStopSignals();

/// "SIGTERM" once one of them has come, else empty.
std::string StopSignal();

/// As if none had come: for tests, and for work that goes on in the same process.
void ForgetStopSignal();

}  // namespace longplay
