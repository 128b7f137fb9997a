// SPDX-License-Identifier: MIT
#include "agent/stop_signal.h"

#include <csignal>

namespace longplay {
namespace {

volatile std::sig_atomic_t g_signal = 0;  // the first that came

extern "C" void Remember(int signal) {
  if (g_signal != 0) {
    // The second one: as if nobody had caught it.
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  g_signal = signal;
}

}  // namespace

void CatchStopSignals() {
  struct sigaction action = {};
  action.sa_handler = Remember;
  action.sa_flags = SA_RESTART;  // reads and writes of files are not disturbed
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    // Ignored from outside (nohup, a shell's background job): it stays so.
    if (before.sa_handler != SIG_IGN) sigaction(signal, &action, nullptr);
  }
}

std::string StopSignal() {
  switch (g_signal) {
    case 0:
      return "";
    case SIGINT:
      return "SIGINT";
    case SIGTERM:
      return "SIGTERM";
    default:
      return "SIGUSR1";
  }
}

void ForgetStopSignal() { g_signal = 0; }

}  // namespace longplay
