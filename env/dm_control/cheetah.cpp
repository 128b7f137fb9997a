// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/tolerance.h"
#include "env/model_files.h"
#include "env/task_list.h"

namespace longplay {
namespace {

constexpr double kRunSpeed = 10;  // [m/s]

// Source: dm_control/suite/cheetah.py, version 1.0.50.
class Cheetah : public DmControlTask {
 public:
  Cheetah()
      : DmControlTask(LoadSuiteModel("cheetah"), 1),
        velocity_(SensorAddress("torso_subtreelinvel")) {}

  // The horizontal position is left out.
  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy(s.data->qpos + 1, s.data->qpos + s.model->nq, observation.data());
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    const mjModel& m = *s.model;
    for (int j = 0; j < m.njnt; ++j) {
      if (m.jnt_limited[j] == 0) continue;
      s.data->qpos[j] = random.Uniform(m.jnt_range[2 * j], m.jnt_range[2 * j + 1]);
    }
    StepPhysics(s, 200);  // until it has come to rest
    s.data->time = 0;
  }

  double Reward(const Simulation& s) const override {
    return Tolerance(s.data->sensordata[velocity_],
                     {.lower = kRunSpeed,
                      .upper = std::numeric_limits<double>::infinity(),
                      .margin = kRunSpeed,
                      .value_at_margin = 0,
                      .sigmoid = Sigmoid::kLinear});
  }

 private:
  int velocity_;
};

}  // namespace

std::vector<TaskEntry> CheetahTasks() {
  return {{.id = "dm_control/cheetah-run-v0",
           .observation_size = 17,
           .action_size = 6,
           .max_episode_steps = 1000,
           .make = [](TaskArguments&) { return std::make_unique<Cheetah>(); }}};
}

}  // namespace longplay
