// SPDX-License-Identifier: MIT
#include <algorithm>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr const char* kJoints[] = {"tail1",         "tail_twist",     "tail2",
                                   "finright_roll", "finright_pitch", "finleft_roll",
                                   "finleft_pitch"};
constexpr int kJointCount = 7;

// Source: dm_control/suite/fish.py, version 1.0.50.
class Fish : public DmControlTask {
 public:
  explicit Fish(bool swim)
      : DmControlTask(LoadSuiteModel("fish"), 10),
        swim_(swim),
        torso_(Body("torso")),
        mouth_(Geom("mouth")),
        target_(Geom("target")) {
    std::transform(kJoints, kJoints + kJointCount, joints_,
                   [this](const char* name) { return PositionAddress(name); });
  }

  std::vector<std::string> model_fields() const override {
    if (swim_) return {"geom_pos"};
    return {};
  }

  void WriteModel(std::span<const double> /*parameter*/, RandomGenerator& random,
                  std::span<const std::span<double>> fields) const override {
    // Anywhere in the tank [m].
    double* position = fields[0].data() + 3 * target_;
    position[0] = random.Uniform(-0.4, 0.4);
    position[1] = random.Uniform(-0.4, 0.4);
    position[2] = random.Uniform(0.1, 0.3);
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = observation.data();
    // joint_angles, upright, in the swimming task target, velocity
    for (int address : joints_) *out++ = s.data->qpos[address];
    *out++ = Upright(s);
    if (swim_) {
      MouthToTarget(s, out);
      out += 3;
    }
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // Any way up, fins and tail nearly straight.
    DrawQuaternion(s.data->qpos + 3, random);
    for (int address : joints_) s.data->qpos[address] = random.Uniform(-0.2, 0.2);
  }

  double Reward(const Simulation& s) const override {
    if (!swim_) return Tolerance(Upright(s), {.lower = 1, .upper = 1, .margin = 1});
    // Mouth in the target counts seven eighths, upright the rest.
    double to_target[3];
    MouthToTarget(s, to_target);
    const double radii = s.model->geom_size[3 * mouth_] + s.model->geom_size[3 * target_];
    const double in_target = Tolerance(mju_norm3(to_target), {.upper = radii, .margin = 2 * radii});
    return (7 * in_target + 0.5 * (Upright(s) + 1)) / 8;
  }

 private:
  double Upright(const Simulation& s) const { return s.data->xmat[9 * torso_ + kZz]; }

  // In the frame of the mouth.
  void MouthToTarget(const Simulation& s, double* out) const {
    double global[3];
    mju_sub3(global, s.data->geom_xpos + 3 * target_, s.data->geom_xpos + 3 * mouth_);
    mju_mulMatTVec3(out, s.data->geom_xmat + 9 * mouth_, global);
  }

  bool swim_;
  int torso_, mouth_, target_;
  int joints_[kJointCount];
};

}  // namespace

std::vector<TaskEntry> FishTasks() {
  const auto entry = [](const char* id, int64_t observation_size, bool swim) {
    return TaskEntry{.id = id,
                     .observation_size = observation_size,
                     .action_size = 5,
                     .max_episode_steps = 1000,
                     .make = [=](TaskArguments&) { return std::make_unique<Fish>(swim); }};
  };
  return {entry("dm_control/fish-upright-v0", 21, false),
          entry("dm_control/fish-swim-v0", 24, true)};
}

}  // namespace longplay
