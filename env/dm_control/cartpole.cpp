// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numbers>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/tolerance.h"
#include "env/model_files.h"
#include "env/task_list.h"

namespace longplay {
namespace {

// Elements of a 3x3 rotation matrix, by row and column.
constexpr int kXz = 2, kZz = 8;
constexpr int kFirstPole = 2;  // body 0 is the world, 1 the cart

double PoleCosine(const Simulation& s) { return s.data->xmat[9 * kFirstPole + kZz]; }

// Source: dm_control/suite/cartpole.py, version 1.0.50.
class CartpoleSwingup : public DmControlTask {
 public:
  CartpoleSwingup() : DmControlTask(LoadModel("dm_control/suite/cartpole.xml"), 1) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const double* pole = s.data->xmat + 9 * kFirstPole;
    observation[0] = s.data->qpos[0];
    observation[1] = pole[kZz];
    observation[2] = pole[kXz];
    std::copy_n(s.data->qvel, s.model->nv, observation.data() + 3);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    s.data->qpos[0] = 0.01 * random.Normal();
    s.data->qpos[1] = std::numbers::pi + 0.01 * random.Normal();
    for (int i = 0; i < s.model->nv; ++i) s.data->qvel[i] = 0.01 * random.Normal();
  }

  double Reward(const Simulation& s) const override {
    const double upright = (PoleCosine(s) + 1) / 2;
    const double centered = (1 + Tolerance(s.data->qpos[0], {.margin = 2})) / 2;
    const ToleranceOptions small = {
        .margin = 1, .value_at_margin = 0, .sigmoid = Sigmoid::kQuadratic};
    const double small_control = (4 + Tolerance(s.data->ctrl[0], small)) / 5;
    const double small_velocity = (1 + Tolerance(s.data->qvel[1], {.margin = 5})) / 2;
    return upright * small_control * small_velocity * centered;
  }
};

}  // namespace

std::vector<TaskEntry> CartpoleTasks() {
  return {{.id = "dm_control/cartpole-swingup-v0",
           .observation_size = 5,
           .action_size = 1,
           .max_episode_steps = 1000,
           .make = [](TaskArguments&) { return std::make_unique<CartpoleSwingup>(); }}};
}

}  // namespace longplay
