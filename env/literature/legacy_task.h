// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <string>

#include "env/physics/task.h"

namespace longplay {

/// Gymnasium's model file with masses and inertias as all tasks of mujoco-py had them: before MuJoCo
/// 2.1.1 a capsule weighed and turned as a cylinder that is half a radius longer at each end.
/// Masses differ by up to 7 %, moments of inertia by up to a tenth. All else is today's.
/// Source: MuJoCo's changelog, 2.1.1; checked against arrays of another making in
/// tests/env/fixtures/literature/legacy_inertia.hdf5.
ModelPtr LoadLegacyModel(const std::string& file);

/// What the tasks of published meta-reinforcement learning share: controls, then `frame_skip` steps
/// of the simulator, with what follows from the state left as the last step left it.
///
/// Argument `capsules`: legacy, or exact for the masses of MuJoCo 2.1.1 and later.
class LegacyTask : public Task {
 public:
  struct Robot {
    std::string file;  // among Gymnasium's
    int frame_skip = 1;
    double timestep = 0;  // [s]; 0 = the file's
  };

 protected:
  LegacyTask(TaskArguments& arguments, const Robot& robot);

  double dt() const { return dt_; }  // [s] of one control step
  void Simulate(const Simulation& s, std::span<const double> action) const;

 private:
  int frame_skip_;
  double dt_;
};

}  // namespace longplay
