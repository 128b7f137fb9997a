// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

namespace longplay {

/// Takes MuJoCo's messages over for the whole process, once: no MUJOCO_LOG.TXT is written, and an
/// error outside of a batch becomes std::runtime_error instead of ending the process. (Errors
/// inside a batch call never reach the log: the batch keeps them, one per simulation.)
void InstallMujocoLog();

/// Where warnings go that are neither on the list of harmless ones nor about a diverging
/// simulation (StepOutcome reports those). Called from any thread. Default: one line on stderr.
void SetMujocoWarningSink(std::function<void(const std::string& warning)> sink);

}  // namespace longplay
