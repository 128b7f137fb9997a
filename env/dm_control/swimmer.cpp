// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr int kHeadSensors = 12;  // numbers of the sensors before the bodies' velocities

void InsertBefore(std::string& xml, const std::string& mark, const std::string& text) {
  xml.insert(xml.find(mark), text);
}

// `text` with the number `k` in place of each '#'.
std::string Filled(const std::string& text, int k) {
  std::string filled;
  for (const char c : text) {
    if (c == '#') {
      filled += std::to_string(k);
    } else {
      filled += c;
    }
  }
  return filled;
}

// The head with a chain of further segments, a motor and two velocity sensors at each joint.
ModelPtr MakeModel(int bodies) {
  return LoadSuiteModel("swimmer", [=](std::string& xml) {
    std::string chain, ends, motors, sensors;
    // A joint bends by at most a body's share of a full turn [degrees].
    char limit[32];
    std::snprintf(limit, sizeof(limit), "%.17g", 360.0 / bodies);
    for (int k = 0; k < bodies - 1; ++k) {
      chain += Filled(
          "<body name='segment_#' pos='0 .1 0'>"
          "<geom class='visual' name='visual_#'/>"
          "<geom class='inertial' name='inertial_#'/>"
          "<site name='site_#'/><joint name='joint_#'",
          k);
      chain.append(" range='-").append(limit).append(" ").append(limit).append("'/>");
      ends += "</body>";
      motors += Filled("<motor name='motor_#' joint='joint_#'/>", k);
      sensors += Filled(
          "<velocimeter name='velocimeter_#' site='site_#'/><gyro name='gyro_#' site='site_#'/>",
          k);
    }
    InsertBefore(xml, "</body>", chain + ends);
    InsertBefore(xml, "</sensor>", sensors);
    InsertBefore(xml, "</mujoco>", "<actuator>" + motors + "</actuator>");
  });
}

// Source: dm_control/suite/swimmer.py, version 1.0.50.
class DmSwimmer : public DmControlTask {
 public:
  explicit DmSwimmer(int bodies)
      : DmControlTask(MakeModel(bodies), 15),
        head_(Body("head")),
        nose_(Geom("nose")),
        target_(Geom("target")) {}

  std::vector<std::string> model_fields() const override { return {"geom_pos"}; }

  void WriteModel(std::span<const double> /*parameter*/, RandomGenerator& random,
                  std::span<const std::span<double>> fields) const override {
    // One target in five is close by, in a box of 0.3 m, else of 2 m.
    const bool close = random.Uniform(0, 1) < 0.2;
    const double box = close ? 0.3 : 2;
    for (int axis : {0, 1}) fields[0][3 * target_ + axis] = random.Uniform(-box, box);
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    // joints, to_target, body_velocities; the head's place and heading are left out.
    double* out = std::copy(s.data->qpos + 3, s.data->qpos + s.model->nq, observation.data());
    double to_target[3];
    NoseToTarget(s, to_target);
    out = std::copy_n(to_target, 2, out);
    // Of each body's linear and angular velocity: x, y and the rotation about z.
    for (int k = kHeadSensors; k < s.model->nsensordata; k += 6) {
      for (int component : {0, 1, 5}) *out++ = s.data->sensordata[k + component];
    }
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    RandomizeJoints(s, random);
  }

  double Reward(const Simulation& s) const override {
    const double size = s.model->geom_size[3 * target_];
    double to_target[3];
    NoseToTarget(s, to_target);
    return Tolerance(std::sqrt(to_target[0] * to_target[0] + to_target[1] * to_target[1]),
                     {.upper = size, .margin = 5 * size, .sigmoid = Sigmoid::kLongTail});
  }

 private:
  // In the frame of the head.
  void NoseToTarget(const Simulation& s, double* out) const {
    double global[3];
    mju_sub3(global, s.data->geom_xpos + 3 * target_, s.data->geom_xpos + 3 * nose_);
    mju_mulMatTVec3(out, s.data->xmat + 9 * head_, global);
  }

  int head_, nose_, target_;
};

}  // namespace

std::vector<TaskEntry> DmSwimmerTasks() {
  const auto entry = [](const char* id, int bodies) {
    return TaskEntry{.id = id,
                     .observation_size = (bodies - 1) + 2 + 3 * bodies,
                     .action_size = bodies - 1,
                     .max_episode_steps = 1000,
                     .make = [=](TaskArguments&) { return std::make_unique<DmSwimmer>(bodies); }};
  };
  return {entry("dm_control/swimmer-swimmer6-v0", 6), entry("dm_control/swimmer-swimmer15-v0", 15)};
}

}  // namespace longplay
