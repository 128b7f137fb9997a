// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numbers>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

// Source: dm_control/suite/acrobot.py, version 1.0.50.
class Acrobot : public DmControlTask {
 public:
  explicit Acrobot(bool sparse)
      : DmControlTask(LoadSuiteModel("acrobot"), 1),
        sparse_(sparse),
        arms_{Body("upper_arm"), Body("lower_arm")},
        tip_(Site("tip")),
        target_(Site("target")) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = observation.data();
    // orientations: horizontal of both arms, then vertical; velocity.
    for (int element : {kXz, kZz}) {
      for (int arm : arms_) *out++ = s.data->xmat[9 * arm + element];
    }
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // shoulder and elbow
    for (int k = 0; k < 2; ++k) {
      s.data->qpos[k] = random.Uniform(-std::numbers::pi, std::numbers::pi);
    }
  }

  double Reward(const Simulation& s) const override {
    // 1 within the target's radius; beyond it a margin of 1 m, or none.
    const double distance =
        mju_dist3(s.data->site_xpos + 3 * target_, s.data->site_xpos + 3 * tip_);
    return Tolerance(distance,
                     {.upper = s.model->site_size[3 * target_], .margin = sparse_ ? 0. : 1.});
  }

 private:
  bool sparse_;
  int arms_[2];
  int tip_, target_;
};

// Source: dm_control/suite/pendulum.py, version 1.0.50.
class Pendulum : public DmControlTask {
 public:
  Pendulum() : DmControlTask(LoadSuiteModel("pendulum"), 1), pole_(Body("pole")) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    // orientation of the pole, velocity
    observation[0] = s.data->xmat[9 * pole_ + kZz];
    observation[1] = s.data->xmat[9 * pole_ + kXz];
    observation[2] = s.data->qvel[0];
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    s.data->qpos[0] = random.Uniform(-std::numbers::pi, std::numbers::pi);
  }

  double Reward(const Simulation& s) const override {
    // _COSINE_BOUND: within 8 degrees of upright.
    const double lower = std::cos(8 * (std::numbers::pi / 180));
    return Tolerance(s.data->xmat[9 * pole_ + kZz], {.lower = lower, .upper = 1});
  }

 private:
  int pole_;
};

}  // namespace

std::vector<TaskEntry> AcrobotTasks() {
  const auto entry = [](const char* id, bool sparse) {
    return TaskEntry{.id = id,
                     .observation_size = 6,
                     .action_size = 1,
                     .max_episode_steps = 1000,
                     .make = [=](TaskArguments&) { return std::make_unique<Acrobot>(sparse); }};
  };
  return {entry("dm_control/acrobot-swingup-v0", false),
          entry("dm_control/acrobot-swingup_sparse-v0", true)};
}

std::vector<TaskEntry> PendulumTasks() {
  return {{.id = "dm_control/pendulum-swingup-v0",
           .observation_size = 3,
           .action_size = 1,
           .max_episode_steps = 1000,
           .make = [](TaskArguments&) { return std::make_unique<Pendulum>(); }}};
}

}  // namespace longplay
