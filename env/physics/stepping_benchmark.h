// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "env/physics/batched_environment.h"

namespace longplay {

/// Control steps per second over all simulations, random actions, resets included.
struct SteppingBenchmark {
  double steps_per_second = 0;       // of BatchedEnvironment: observations, rewards, ends
  double bare_steps_per_second = 0;  // of mjb_step alone
};

/// Steps all simulations for at least `seconds` [s], and beside them, in turns, so that a noisy
/// machine is unkind to both, bare ones: mjb_step with the same actions, as many physics steps, up
/// to the same stage, and the same resets (their time counts in both).
SteppingBenchmark BenchmarkStepping(BatchedEnvironment& environment, double seconds);

}  // namespace longplay
