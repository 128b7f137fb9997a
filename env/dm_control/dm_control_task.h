// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>

#include "env/physics/task.h"

namespace longplay {

/// What the tasks of dm_control's suite share: a reset without actuation, and a control step whose
/// position- and velocity-dependent fields are up to date afterwards ("legacy step").
/// Source: dm_control/rl/control.py and dm_control/mujoco/engine.py, version 1.0.50.
class DmControlTask : public Task {
 public:
  /// `substeps` physics steps make a control step.
  DmControlTask(ModelPtr model, int substeps) : Task(std::move(model)), substeps_(substeps) {}

  int reset_disable_flags() const override { return mjDSBL_ACTUATION; }
  mjtStage stage_after_step() const override { return mjSTAGE_VEL; }

  /// Physics before and after InitializeEpisode; tasks override that one.
  void Initialize(const Simulation& s, RandomGenerator& random) const final;

  TaskStep Step(const Simulation& s, std::span<const double> action) const override;

  std::optional<double> StateReward(const Simulation& s) const override { return Reward(s); }

 protected:
  virtual void InitializeEpisode(const Simulation& s, RandomGenerator& random) const = 0;
  virtual double Reward(const Simulation& s) const = 0;

  /// Number of a named element; throws std::runtime_error when the model has none.
  int Id(mjtObj type, const std::string& name) const;
  int Body(const std::string& name) const { return Id(mjOBJ_BODY, name); }
  int Geom(const std::string& name) const { return Id(mjOBJ_GEOM, name); }
  int Site(const std::string& name) const { return Id(mjOBJ_SITE, name); }
  /// Address of a joint's first number in qpos and in qvel, and of a sensor's in sensordata.
  int PositionAddress(const std::string& joint) const;
  int VelocityAddress(const std::string& joint) const;
  int SensorAddress(const std::string& sensor) const;

 private:
  int substeps_;
};

/// `count` physics steps, after which position- and velocity-dependent fields are up to date.
void StepPhysics(const Simulation& s, int count);

/// Draws every limited joint within its range, unlimited hinges from [-pi, pi), unlimited balls
/// uniformly, and of free joints the orientation.
/// Source: dm_control/suite/utils/randomizers.py, version 1.0.50.
void RandomizeJoints(const Simulation& s, RandomGenerator& random);

/// Mean over the controls of 1 at no control, 0 at full control; numpy's mean of the same.
double SmallControl(const Simulation& s);

/// Draws a unit quaternion uniformly.
void DrawQuaternion(double* quaternion, RandomGenerator& random);

// Elements of a rotation matrix in mjData, by row and column; z is up.
constexpr int kXx = 0, kXz = 2, kZx = 6, kZz = 8;

}  // namespace longplay
