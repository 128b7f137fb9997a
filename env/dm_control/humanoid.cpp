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

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kStandHeight = 1.4;              // [m] of the head
constexpr double kWalkSpeed = 1, kRunSpeed = 10;  // [m/s]

// Source: dm_control/suite/humanoid.py, version 1.0.50.
class DmHumanoid : public DmControlTask {
 public:
  /// With speed 0 the task is to stand.
  DmHumanoid(double speed, bool pure_state)
      : DmControlTask(LoadSuiteModel("humanoid"), 5),
        speed_(speed),
        pure_state_(pure_state),
        torso_(Body("torso")),
        head_(Body("head")),
        extremities_{Body("left_hand"), Body("left_foot"), Body("right_hand"), Body("right_foot")},
        velocity_(SensorAddress("torso_subtreelinvel")) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const mjData& d = *s.data;
    double* out = observation.data();
    if (pure_state_) {
      out = std::copy_n(d.qpos, s.model->nq, out);
    } else {
      out = std::copy(d.qpos + 7, d.qpos + s.model->nq, out);  // without the free root joint
      // head_height, extremities (in the torso's frame), torso_vertical, com_velocity
      *out++ = d.xpos[3 * head_ + 2];
      for (int body : extremities_) {
        double offset[3];
        mju_sub3(offset, d.xpos + 3 * body, d.xpos + 3 * torso_);
        mju_mulMatTVec3(out, d.xmat + 9 * torso_, offset);
        out += 3;
      }
      out = std::copy_n(d.xmat + 9 * torso_ + kZx, 3, out);
      out = std::copy_n(d.sensordata + velocity_, 3, out);
    }
    std::copy_n(d.qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // Until nothing touches.
    do {
      RandomizeJoints(s, random);
      mj_forward(s.model, s.data);
    } while (s.data->ncon > 0);
  }

  double Reward(const Simulation& s) const override {
    // Head high enough, torso upright, little control; times what the task asks for.
    const double standing =
        Tolerance(s.data->xpos[3 * head_ + 2],
                  {.lower = kStandHeight, .upper = kInfinity, .margin = kStandHeight / 4});
    const double upright = Tolerance(s.data->xmat[9 * torso_ + kZz], {.lower = 0.9,
                                                                      .upper = kInfinity,
                                                                      .margin = 1.9,
                                                                      .value_at_margin = 0,
                                                                      .sigmoid = Sigmoid::kLinear});
    const double small_control = (4 + SmallControl(s)) / 5;
    return small_control * (standing * upright) * Motion(s);
  }

 private:
  double Motion(const Simulation& s) const {
    const double* v = s.data->sensordata + velocity_;
    // stand: not moving in the plane. walk, run: the speed in any direction.
    if (speed_ == 0) return (Tolerance(v[0], {.margin = 2}) + Tolerance(v[1], {.margin = 2})) / 2;
    const double move =
        Tolerance(std::sqrt(v[0] * v[0] + v[1] * v[1]), {.lower = speed_,
                                                         .upper = kInfinity,
                                                         .margin = speed_,
                                                         .value_at_margin = 0,
                                                         .sigmoid = Sigmoid::kLinear});
    return (5 * move + 1) / 6;
  }

  double speed_;
  bool pure_state_;
  int torso_, head_;
  int extremities_[4];
  int velocity_;
};

}  // namespace

std::vector<TaskEntry> DmHumanoidTasks() {
  const auto entry = [](const std::string& name, double speed, bool pure_state) {
    return TaskEntry{
        .id = "dm_control/humanoid-" + name + "-v0",
        .observation_size = pure_state ? 55 : 67,
        .action_size = 21,
        .max_episode_steps = 1000,
        .make = [=](TaskArguments&) { return std::make_unique<DmHumanoid>(speed, pure_state); }};
  };
  return {entry("stand", 0, false), entry("walk", kWalkSpeed, false),
          entry("run", kRunSpeed, false), entry("run_pure_state", kRunSpeed, true)};
}

}  // namespace longplay
