// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// What one step did to one simulation.
struct StepOutcome {
  double reward = 0;
  bool terminated = false;  // the task ended the episode
  bool truncated = false;   // the time limit did
  bool diverged = false;    // the simulation became unusable; terminated is set too
  bool over() const { return terminated || truncated; }
};

}  // namespace longplay
