// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>

#include "env/task.h"

namespace longplay {

/// What Gymnasium's MuJoCo tasks share.
/// Source: gymnasium/envs/mujoco/mujoco_env.py, version 1.4.0.
class GymnasiumTask : public Task {
 public:
  /// `file` lies in Gymnasium's assets folder; `frame_skip` is in physics steps.
  GymnasiumTask(const std::string& file, int frame_skip);

  double dt() const { return dt_; }  // [s] of one control step

 protected:
  /// Sets the controls and runs frame_skip physics steps. Body positions then lag the joints by one
  /// physics step, as in Gymnasium.
  void Simulate(const Simulation& s, std::span<const double> action) const;

  int frame_skip() const { return frame_skip_; }

 private:
  int frame_skip_;
  double dt_;
};

/// Sum of squares, added from the left as numpy does for fewer than eight numbers.
double SumOfSquares(std::span<const double> values);

/// Adds noise from [-scale, scale) to the start positions.
void AddUniformPositionNoise(const Simulation& s, double scale, RandomGenerator& random);

/// Writes `positions` without the first `skipped`, then velocities clipped to +- `velocity_limit`.
void ObservePositionsAndVelocities(const Simulation& s, int skipped, double velocity_limit,
                                   std::span<double> observation);

}  // namespace longplay
