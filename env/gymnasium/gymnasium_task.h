// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <span>
#include <string>
#include <utility>

#include "env/physics/task.h"
#include "env/task_arguments.h"

namespace longplay {

/// The parts of an observation, in Gymnasium's order.
struct ObservationParts {
  int skipped_positions = 0;
  double velocity_limit = std::numeric_limits<double>::infinity();  // velocities are clipped to +-
  bool inertias = false;         // cinert of every body but the world
  bool body_velocities = false;  // cvel of every body but the world
  bool actuator_forces = false;  // qfrc_actuator but for the root's six
  bool contact_forces = false;   // cfrc_ext of every body but the world, clipped to:
  std::pair<double, double> contact_range = {-std::numeric_limits<double>::infinity(),
                                             std::numeric_limits<double>::infinity()};
};

/// What Gymnasium's MuJoCo tasks share.
/// Source: gymnasium/envs/mujoco/mujoco_env.py, version 1.4.0.
class GymnasiumTask : public Task {
 public:
  int64_t observation_size(int64_t listed) const override;
  void Observe(const Simulation& s, std::span<double> observation) const override;

 protected:
  /// Takes the arguments xml_file (in Gymnasium's assets folder, or a path of one's own) and
  /// frame_skip, in physics steps.
  GymnasiumTask(TaskArguments& arguments, const std::string& file, int frame_skip);

  double dt() const { return dt_; }  // [s] of one control step

  /// Sets the controls and runs frame_skip physics steps. Body positions then lag the joints by one
  /// physics step, as in Gymnasium.
  void Simulate(const Simulation& s, std::span<const double> action) const;

  /// Position and orientation of a body's frame or 0 0 0 of the world, by name.
  int BodyId(const std::string& name) const;

  ObservationParts parts_;
  bool contact_costs_ = false;  // contact forces are computed for observation or reward only

 private:
  bool NeedsContactForces() const { return contact_costs_ || parts_.contact_forces; }

  int frame_skip_;
  double dt_;
};

/// Weighted sum of squares, in the precision in which Gymnasium computes it: numpy takes that of
/// the array of actions.
double ControlCost(const Simulation& s, double weight, std::span<const double> action);

/// Sum of squares, added in numpy's order.
double SumOfSquares(std::span<const double> values);

/// Adds noise from [-scale, scale) to the start positions.
void AddUniformPositionNoise(const Simulation& s, double scale, RandomGenerator& random);
/// Adds noise from [-scale, scale) to the start velocities.
void AddUniformVelocityNoise(const Simulation& s, double scale, RandomGenerator& random);
/// Adds normal noise to the start velocities.
void AddNormalVelocityNoise(const Simulation& s, double scale, RandomGenerator& random);

}  // namespace longplay
