// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "env/plain/plain_task.h"
#include "env/task_arguments.h"

namespace longplay {

// family/fog-v0: a hidden vector is seen through noise alone (env/family/fog.cpp), and what any
// policy can earn at most is known exactly.

inline constexpr const char* kFogTask = "family/fog-v0";
inline constexpr int64_t kFogSize = 2;        // numbers of the hidden vector, readings and actions
inline constexpr double kFogActionBound = 5;  // actions lie in [-5, 5]

/// The task's arguments, by these names.
struct FogOptions {
  double drift = 0;   // 1 - rho: share of the hidden vector that a step forgets; 0 = it stays
  double sigma = 30;  // standard deviation of a reading's noise; that of the vector is 1
  int steps = 1000;   // of an episode
};

/// Throws std::invalid_argument for values that are out of range.
FogOptions ReadFogOptions(TaskArguments& arguments);

/// The Kalman filter of the task: the best estimate of the hidden vector from the readings so far.
///
///   first reading: m = 0, p = 1; then K = p / (p + sigma^2), m += K (o - m), v = K sigma^2
///   between two:   m = rho m, p = rho^2 v + 1 - rho^2
///
/// Source: Kalman, A New Approach to Linear Filtering and Prediction Problems, 1960,
/// doi 10.1115/1.3662552; here with a state that is its own stationary process.
class FogFilter {
 public:
  explicit FogFilter(const FogOptions& options);

  /// Takes in the next reading [kFogSize].
  void See(std::span<const double> reading);

  std::span<const double> mean() const { return mean_; }  // [kFogSize] after the last reading
  /// Of each number of the vector after the last reading: no policy earns more than -2 v a step.
  double variance() const { return variance_; }

 private:
  double rho_, innovation_, noise_;  // 1 - rho^2, sigma^2
  std::array<double, kFogSize> mean_ = {};
  double variance_ = 1;
  bool begun_ = false;  // it has seen a reading
};

/// [steps] v after 1, 2, ... readings. As the hidden vector is stationary, v after w readings is also
/// the least variance from the last w readings of a longer episode.
std::vector<double> FogVariances(const FogOptions& options, int64_t steps);

/// The task, for the list of environments.
std::vector<PlainEntry> FogTasks();

}  // namespace longplay
