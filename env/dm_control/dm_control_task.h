// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "env/task.h"

namespace longplay {

/// What the tasks of dm_control's suite share: a reset without actuation, and a control step whose
/// position- and velocity-dependent fields are up to date afterwards ("legacy step").
/// Source: dm_control/rl/control.py and dm_control/mujoco/engine.py, version 1.0.50.
class DmControlTask : public Task {
 public:
  /// `substeps` physics steps make a control step.
  DmControlTask(ModelPtr model, int substeps) : Task(std::move(model)), substeps_(substeps) {}

  int reset_disable_flags() const override { return mjDSBL_ACTUATION; }

  /// Physics before and after InitializeEpisode; tasks override that one.
  void Initialize(const Simulation& s, RandomGenerator& random) const final;

  TaskStep Step(const Simulation& s, std::span<const double> action) const override;

 protected:
  virtual void InitializeEpisode(const Simulation& s, RandomGenerator& random) const = 0;
  virtual double Reward(const Simulation& s) const = 0;

 private:
  int substeps_;
};

}  // namespace longplay
