// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numbers>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr int kMaxAttempts =
    1000;  // to draw a start without contacts; dm_control gives up after it
constexpr double kSpinVelocity = 15;  // [rad/s]

// Source: dm_control/suite/finger.py, version 1.0.50.
class Finger : public DmControlTask {
 public:
  void Observe(const Simulation& s, std::span<double> observation) const override {
    const double* sensor = s.data->sensordata;
    double* out = observation.data();
    // position (joints, then the tip seen from the hinge), velocity, touch
    *out++ = sensor[proximal_];
    *out++ = sensor[distal_];
    for (int axis : {0, 2}) *out++ = TipPosition(s, axis);
    for (int address : velocities_) *out++ = sensor[address];
    for (int address : touches_) *out++ = std::log1p(sensor[address]);
    ObserveTarget(s, out);
  }

 protected:
  Finger()
      : DmControlTask(LoadSuiteModel("finger"), 2),
        proximal_(SensorAddress("proximal")),
        distal_(SensorAddress("distal")),
        tip_(SensorAddress("tip")),
        spinner_(SensorAddress("spinner")),
        velocities_{SensorAddress("proximal_velocity"), SensorAddress("distal_velocity"),
                    SensorAddress("hinge_velocity")},
        touches_{SensorAddress("touchtop"), SensorAddress("touchbottom")} {}

  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // Until nothing touches.
    for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
      RandomizeJoints(s, random);
      mj_forward(s.model, s.data);
      if (s.data->ncon == 0) return;
    }
  }

  virtual void ObserveTarget(const Simulation& /*s*/, double* /*out*/) const {}

  double TipPosition(const Simulation& s, int axis) const {
    return s.data->sensordata[tip_ + axis] - s.data->sensordata[spinner_ + axis];
  }
  double HingeVelocity(const Simulation& s) const { return s.data->sensordata[velocities_[2]]; }
  int spinner() const { return spinner_; }

 private:
  int proximal_, distal_, tip_, spinner_;
  int velocities_[3], touches_[2];
};

class FingerSpin : public Finger {
 public:
  // Source: class Spin; its hinge brakes less.
  FingerSpin() { mutable_model()->dof_damping[VelocityAddress("hinge")] = 0.03; }

 protected:
  double Reward(const Simulation& s) const override {
    return HingeVelocity(s) <= -kSpinVelocity ? 1 : 0;
  }
};

class FingerTurn : public Finger {
 public:
  // Source: class Turn.
  explicit FingerTurn(double target_radius)
      : target_(SensorAddress("target")), target_site_(Site("target")) {
    mjModel& m = *mutable_model();
    m.site_size[3 * target_site_] = target_radius;
    // The hinge stands where its body does; the target lies on a circle around it.
    hinge_body_ = m.jnt_bodyid[Id(mjOBJ_JOINT, "hinge")];
    hinge_ = Id(mjOBJ_JOINT, "hinge");
    const double* cap = m.geom_size + 3 * Geom("cap1");
    circle_ = cap[0] + cap[1] + cap[2];
  }

  std::vector<std::string> model_fields() const override { return {"site_pos"}; }

  void WriteModel(std::span<const double> /*parameter*/, RandomGenerator& random,
                  std::span<const std::span<double>> fields) const override {
    // target_angle on the circle around the hinge, at its xanchor.
    const double angle = random.Uniform(-std::numbers::pi, std::numbers::pi);
    const double* body = model()->body_pos + 3 * hinge_body_;
    const double* joint = model()->jnt_pos + 3 * hinge_;
    fields[0][3 * target_site_] = body[0] + joint[0] + circle_ * std::sin(angle);
    fields[0][3 * target_site_ + 2] = body[2] + joint[2] + circle_ * std::cos(angle);
  }

 protected:
  void ObserveTarget(const Simulation& s, double* out) const override {
    // target_position, dist_to_target
    for (int axis : {0, 2}) *out++ = TargetPosition(s, axis);
    *out = DistanceToTarget(s);
  }

  double Reward(const Simulation& s) const override { return DistanceToTarget(s) <= 0 ? 1 : 0; }

 private:
  double TargetPosition(const Simulation& s, int axis) const {
    return s.data->sensordata[target_ + axis] - s.data->sensordata[spinner() + axis];
  }
  // From the tip to the target's edge; negative inside.
  double DistanceToTarget(const Simulation& s) const {
    const double x = TargetPosition(s, 0) - TipPosition(s, 0);
    const double z = TargetPosition(s, 2) - TipPosition(s, 2);
    return std::sqrt(x * x + z * z) - s.model->site_size[3 * target_site_];
  }

  int target_, target_site_;
  int hinge_body_ = 0, hinge_ = 0;
  double circle_ = 0;  // [m] radius
};

}  // namespace

std::vector<TaskEntry> FingerTasks() {
  const auto turn = [](const char* id, double target_radius) {
    return TaskEntry{
        .id = id,
        .observation_size = 12,
        .action_size = 2,
        .max_episode_steps = 1000,
        .make = [=](TaskArguments&) { return std::make_unique<FingerTurn>(target_radius); }};
  };
  return {{.id = "dm_control/finger-spin-v0",
           .observation_size = 9,
           .action_size = 2,
           .max_episode_steps = 1000,
           .make = [](TaskArguments&) { return std::make_unique<FingerSpin>(); }},
          turn("dm_control/finger-turn_easy-v0", 0.07),
          turn("dm_control/finger-turn_hard-v0", 0.03)};
}

}  // namespace longplay
