// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace longplay {

struct SteppingBenchmarkOptions {
  int64_t batch = 64;  // simulations side by side
  int threads = 0;     // 0 = one per logical CPU
  double seconds = 2;  // of each of the two measurements, at least
};

/// Control steps per second over all simulations, random actions, resets included.
struct SteppingBenchmark {
  double steps_per_second = 0;  // of BatchedEnvironment: observations, rewards, resets
  double bare_steps_per_second =
      0;  // of mjb_step alone, as many physics steps from the same states
};

/// The two take turns, so that a noisy machine is unkind to both.
SteppingBenchmark BenchmarkStepping(const std::string& id, const SteppingBenchmarkOptions& options);

}  // namespace longplay
