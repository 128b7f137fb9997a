// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr double kTimeLimit = 20;                  // [s]
constexpr double kWalkSpeed = 0.5, kRunSpeed = 5;  // [m/s]
constexpr double kJumpHeight = 1;                  // [m] of the centre of mass
constexpr int kMaxAttempts = 10000;                // to find a height without contacts

void RemoveAll(std::string& xml, const std::string& begin, const std::string& end) {
  for (size_t at = xml.find(begin); at != std::string::npos; at = xml.find(begin)) {
    xml.erase(at, xml.find(end, at) + end.size() - at);
  }
}

// The scene without walls, ball, target, terrain and range finders, on a floor of another size.
ModelPtr MakeModel(double floor_size) {
  return LoadSuiteModel("quadruped", [=](std::string& xml) {
    for (const char* wall : {"wall_px", "wall_py", "wall_nx", "wall_ny", "terrain"}) {
      RemoveAll(xml, std::string("<geom name=\"") + wall + "\"", "/>");
    }
    RemoveAll(xml, "<body name=\"ball\"", "</body>");
    RemoveAll(xml, "<site name=\"target\"", "/>");
    RemoveAll(xml, "<rangefinder ", "/>");
    const std::string size = "size=\"15 15 .5\"", half = std::to_string(floor_size);
    xml.replace(xml.find(size), size.size(), "size=\"" + half + " " + half + " .5\"");
  });
}

// Source: dm_control/suite/quadruped.py, version 1.0.50; stand, jump and roll:
// denisyarats/exorl@4e6377d, custom_dmc_tasks/quadruped.py.
class Quadruped : public DmControlTask {
 public:
  enum class Goal { kStand, kMove, kRoll, kJump };

  /// `wanted` [m/s] forward, [m/s] in any direction, [m]; the floor reaches as far as that brings.
  Quadruped(Goal goal, double wanted)
      : DmControlTask(MakeModel(kTimeLimit * (goal == Goal::kMove ? wanted : kWalkSpeed)), 4),
        goal_(goal),
        wanted_(wanted),
        torso_(Body("torso")),
        velocity_(SensorAddress("velocimeter")),
        center_(SensorAddress("center_of_mass")) {
    const mjModel& m = *model();
    for (int j = 0; j < m.njnt; ++j) {
      if (m.jnt_type[j] == mjJNT_HINGE) hinges_.push_back(j);
    }
    AddSensors({mjSENS_GYRO, mjSENS_ACCELEROMETER}, &imu_);
    AddSensors({mjSENS_FORCE, mjSENS_TORQUE}, &force_torque_);
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const mjData& d = *s.data;
    double* out = observation.data();
    // egocentric_state (angles, velocities, activations), torso_velocity, torso_upright, imu,
    // force_torque
    for (int j : hinges_) *out++ = d.qpos[s.model->jnt_qposadr[j]];
    for (int j : hinges_) *out++ = d.qvel[s.model->jnt_dofadr[j]];
    out = std::copy_n(d.act, s.model->na, out);
    out = std::copy_n(d.sensordata + velocity_, 3, out);
    *out++ = Upright(s);
    for (int k : imu_) *out++ = d.sensordata[k];
    for (int k : force_torque_) *out++ = std::asinh(d.sensordata[k]);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // Any way up, at the lowest height where it touches nothing.
    double orientation[4];
    DrawQuaternion(orientation, random);
    double height = 0;  // in the floor; raised by a centimetre until it touches nothing
    for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
      mj_resetData(s.model, s.data);
      mj_forward(s.model, s.data);
      s.data->qpos[0] = s.data->qpos[1] = 0;
      s.data->qpos[2] = height;
      std::copy_n(orientation, 4, s.data->qpos + 3);
      mj_forward(s.model, s.data);
      if (s.data->ncon == 0) return;
      height += 0.01;
    }
  }

  double Reward(const Simulation& s) const override {
    // _upright_reward falls to 0 upside down; what is reached counts half at none of it.
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const double upright = Tolerance(Upright(s), {.lower = 1,
                                                  .upper = kInfinity,
                                                  .margin = 2,
                                                  .value_at_margin = 0,
                                                  .sigmoid = Sigmoid::kLinear});
    if (goal_ == Goal::kStand) return upright;
    return upright * Tolerance(Reached(s), {.lower = wanted_,
                                            .upper = kInfinity,
                                            .margin = wanted_,
                                            .value_at_margin = 0.5,
                                            .sigmoid = Sigmoid::kLinear});
  }

 private:
  double Reached(const Simulation& s) const {
    const double* velocity = s.data->sensordata + velocity_;  // of the torso, in its own frame
    if (goal_ == Goal::kRoll) return mju_norm3(velocity);
    return goal_ == Goal::kJump ? s.data->sensordata[center_ + 2] : velocity[0];
  }

  double Upright(const Simulation& s) const { return s.data->xmat[9 * torso_ + kZz]; }

  // Addresses of every number of the sensors of these types, in the model's order.
  void AddSensors(std::initializer_list<int> types, std::vector<int>* addresses) const {
    for (int k = 0; k < model()->nsensor; ++k) {
      if (std::find(types.begin(), types.end(), model()->sensor_type[k]) == types.end()) continue;
      for (int j = 0; j < model()->sensor_dim[k]; ++j) {
        addresses->push_back(model()->sensor_adr[k] + j);
      }
    }
  }

  Goal goal_;
  double wanted_;
  int torso_, velocity_, center_;
  std::vector<int> hinges_, imu_, force_torque_;
};

}  // namespace

std::vector<TaskEntry> QuadrupedTasks() {
  using Goal = Quadruped::Goal;
  const auto entry = [](const char* id, Goal goal, double wanted) {
    return TaskEntry{
        .id = id,
        .observation_size = 78,
        .action_size = 12,
        .max_episode_steps = 1000,
        .make = [=](TaskArguments&) { return std::make_unique<Quadruped>(goal, wanted); }};
  };
  return {entry("dm_control/quadruped-walk-v0", Goal::kMove, kWalkSpeed),
          entry("dm_control/quadruped-run-v0", Goal::kMove, kRunSpeed),
          entry("dm_control/quadruped-stand-v0", Goal::kStand, 0),
          entry("dm_control/quadruped-jump-v0", Goal::kJump, kJumpHeight),
          entry("dm_control/quadruped-roll-v0", Goal::kRoll, kWalkSpeed),
          entry("dm_control/quadruped-roll_fast-v0", Goal::kRoll, kRunSpeed)};
}

}  // namespace longplay
