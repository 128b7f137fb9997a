// SPDX-License-Identifier: MIT
#include "env/dm_control/dm_control_task.h"

#include <algorithm>
#include <numbers>
#include <stdexcept>

#include "env/dm_control/tolerance.h"

namespace longplay {

void DmControlTask::Initialize(const Simulation& s, RandomGenerator& random) const {
  // The first of the two leaves its trace in the warm start of the second, as in dm_control.
  mj_forward(s.model, s.data);
  InitializeEpisode(s, random);
  mj_forward(s.model, s.data);
}

TaskStep DmControlTask::Step(const Simulation& s, std::span<const double> action) const {
  std::copy(action.begin(), action.end(), s.data->ctrl);
  StepPhysics(s, substeps_);
  return {.reward = Reward(s)};
}

int DmControlTask::Id(mjtObj type, const std::string& name) const {
  const int id = mj_name2id(model(), type, name.c_str());
  if (id >= 0) return id;
  throw std::runtime_error("making an environment: model: expected a " +
                           std::string(mju_type2Str(type)) + " named " + name);
}

int DmControlTask::PositionAddress(const std::string& joint) const {
  return model()->jnt_qposadr[Id(mjOBJ_JOINT, joint)];
}
int DmControlTask::VelocityAddress(const std::string& joint) const {
  return model()->jnt_dofadr[Id(mjOBJ_JOINT, joint)];
}
int DmControlTask::SensorAddress(const std::string& sensor) const {
  return model()->sensor_adr[Id(mjOBJ_SENSOR, sensor)];
}

void StepPhysics(const Simulation& s, int count) {
  // With Runge-Kutta the first half of a step cannot be reused.
  const bool reuse = s.model->opt.integrator != mjINT_RK4;
  // The step before ended with mj_step1, and mj_step2 is the rest of that physics step.
  if (reuse) mj_step2(s.model, s.data);
  for (int i = reuse ? 1 : 0; i < count; ++i) mj_step(s.model, s.data);
  mj_step1(s.model, s.data);
}

double SmallControl(const Simulation& s) {
  // 1 - u^2 of each control.
  const ToleranceOptions options = {
      .margin = 1, .value_at_margin = 0, .sigmoid = Sigmoid::kQuadratic};
  double sum = 0;
  for (int k = 0; k < s.model->nu; ++k) sum += Tolerance(s.data->ctrl[k], options);
  return sum / static_cast<double>(s.model->nu);
}

void DrawQuaternion(double* quaternion, RandomGenerator& random) {
  // Normal in four dimensions, hence uniform over rotations.
  for (int k = 0; k < 4; ++k) quaternion[k] = random.Normal();
  mju_normalize4(quaternion);
}

void RandomizeJoints(const Simulation& s, RandomGenerator& random) {
  const mjModel& m = *s.model;
  for (int j = 0; j < m.njnt; ++j) {
    double* q = s.data->qpos + m.jnt_qposadr[j];
    const double low = m.jnt_range[2 * j], high = m.jnt_range[2 * j + 1];
    const bool limited = m.jnt_limited[j] != 0;
    switch (m.jnt_type[j]) {
      case mjJNT_HINGE:
        *q = limited ? random.Uniform(low, high)
                     : random.Uniform(-std::numbers::pi, std::numbers::pi);
        break;
      case mjJNT_SLIDE:
        if (limited) *q = random.Uniform(low, high);
        break;
      case mjJNT_BALL:
        if (limited) {
          double axis[3] = {random.Normal(), random.Normal(), random.Normal()};
          mju_normalize3(axis);
          mju_axisAngle2Quat(q, axis, random.Uniform(0, high));
        } else {
          DrawQuaternion(q, random);
        }
        break;
      case mjJNT_FREE:
        // Not uniform on the sphere: dm_control keeps it so for the sake of comparable results.
        if (limited) break;
        for (int k = 3; k < 7; ++k) q[k] = random.Uniform(0, 1);
        mju_normalize4(q + 3);
        break;
    }
  }
}

}  // namespace longplay
