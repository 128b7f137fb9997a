// SPDX-License-Identifier: MIT
#include "env/physics/mujoco_log.h"

#include <mujoco/mujoco.h>

#include <array>
#include <cstdio>
#include <mutex>
#include <stdexcept>
#include <string_view>

namespace longplay {
namespace {

// Warnings that say nothing about our use of MuJoCo.
constexpr std::array kHarmless = {
    std::string_view("'settotalmass' is deprecated"),      // Gymnasium's and dm_control's cheetah
    std::string_view("The simulation is unstable. Time"),  // reported as StepOutcome::diverged
};

/// Warnings come from any of the simulations' threads.
struct WarningSink {
  std::mutex mutex;
  std::function<void(const std::string&)> function = [](const std::string& warning) {
    std::fprintf(stderr, "warning: MuJoCo: %s\n", warning.c_str());
  };
};

WarningSink& Sink() {
  static WarningSink sink;
  return sink;
}

bool IsHarmless(std::string_view warning) {
  for (std::string_view known : kHarmless) {
    if (warning.find(known) != std::string_view::npos) return true;
  }
  return false;
}

// MuJoCo carries on after an error whose handler returns, so this one throws. The C frames in
// between hold no resources that matter: mjData is not used again after an error.
void HandleMessage(const mjLogMessage* message) {
  if (message->level == mjLOG_ERROR) {
    throw std::runtime_error(std::string("running MuJoCo: ") + message->subject);
  }
  if (message->level != mjLOG_WARNING || IsHarmless(message->subject)) return;
  const std::lock_guard lock(Sink().mutex);
  Sink().function(message->subject);
}

}  // namespace

void InstallMujocoLog() {
  // The handler is the process's, not a batch's.
  static std::once_flag installed;
  std::call_once(installed, [] { mju_setLogHandler(HandleMessage); });
}

void SetMujocoWarningSink(std::function<void(const std::string&)> sink) {
  const std::lock_guard lock(Sink().mutex);
  Sink().function = std::move(sink);
}

}  // namespace longplay
