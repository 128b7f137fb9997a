// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "env/environment.h"

namespace longplay {

/// Decisions per second over all simulations, random actions, resets included.
struct SteppingBenchmark {
  double steps_per_second = 0;                  // of the environment: observations, rewards, ends
  std::optional<double> bare_steps_per_second;  // of the simulator alone, where there is one
};

/// Steps all simulations for at least `seconds` [s], and beside them, in turns, so that a noisy
/// machine is unkind to both, the simulator alone: the same actions, as many of its steps, and the
/// same resets (their time counts in both).
SteppingBenchmark BenchmarkStepping(Environment& environment, double seconds);

}  // namespace longplay
