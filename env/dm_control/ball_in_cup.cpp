// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

// Source: dm_control/suite/ball_in_cup.py, version 1.0.50.
class BallInCup : public DmControlTask {
 public:
  BallInCup()
      : DmControlTask(LoadSuiteModel("ball_in_cup"), 10),
        ball_(Body("ball")),
        ball_geom_(Geom("ball")),
        target_(Site("target")),
        ball_x_(PositionAddress("ball_x")),
        ball_z_(PositionAddress("ball_z")) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy_n(s.data->qpos, s.model->nq, observation.data());
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // Until the ball touches nothing.
    do {
      s.data->qpos[ball_x_] = random.Uniform(-0.2, 0.2);
      s.data->qpos[ball_z_] = random.Uniform(0.2, 0.5);
      mj_forward(s.model, s.data);
    } while (s.data->ncon > 0);
  }

  double Reward(const Simulation& s) const override {
    const double radius = s.model->geom_size[3 * ball_geom_];
    // in_target: the whole ball inside, in the plane that it moves in.
    for (int axis : {0, 2}) {
      const double offset =
          std::abs(s.data->site_xpos[3 * target_ + axis] - s.data->xpos[3 * ball_ + axis]);
      if (!(offset < s.model->site_size[3 * target_ + axis] - radius)) return 0;
    }
    return 1;
  }

 private:
  int ball_, ball_geom_, target_, ball_x_, ball_z_;
};

}  // namespace

std::vector<TaskEntry> BallInCupTasks() {
  return {{.id = "dm_control/ball_in_cup-catch-v0",
           .observation_size = 8,
           .action_size = 2,
           .max_episode_steps = 1000,
           .make = [](TaskArguments&) { return std::make_unique<BallInCup>(); }}};
}

}  // namespace longplay
