// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr double kRunSpeed = 10;  // [m/s]
constexpr double kSpinSpeed = 5;  // [kg m^2/s] angular momentum about y

// Source: dm_control/suite/cheetah.py, version 1.0.50; backward and flip:
// denisyarats/exorl@4e6377d, custom_dmc_tasks/cheetah.py.
class Cheetah : public DmControlTask {
 public:
  enum class Motion { kRun, kFlip };

  /// `direction` is 1 for forward, -1 for backward.
  Cheetah(Motion motion, double direction)
      : DmControlTask(LoadSuiteModel("cheetah"), 1),
        motion_(motion),
        direction_(direction),
        torso_(Body("torso")),
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
      // All joints have one number here, so j is an address in qpos, too.
      if (m.jnt_limited[j] == 0) continue;
      s.data->qpos[j] = random.Uniform(m.jnt_range[2 * j], m.jnt_range[2 * j + 1]);
    }
    StepPhysics(s, 200);  // until it has come to rest
    s.data->time = 0;
  }

  double Reward(const Simulation& s) const override {
    // 1 from the wanted speed on, linear down to 0 at rest.
    const bool flips = motion_ == Motion::kFlip;
    const double speed =
        flips ? s.data->subtree_angmom[3 * torso_ + 1] : s.data->sensordata[velocity_];
    const double wanted = flips ? kSpinSpeed : kRunSpeed;
    return Tolerance(direction_ * speed, {.lower = wanted,
                                          .upper = std::numeric_limits<double>::infinity(),
                                          .margin = wanted,
                                          .value_at_margin = 0,
                                          .sigmoid = Sigmoid::kLinear});
  }

 private:
  Motion motion_;
  double direction_;
  int torso_;
  int velocity_;
};

}  // namespace

std::vector<TaskEntry> CheetahTasks() {
  using Motion = Cheetah::Motion;
  const auto entry = [](const char* id, Motion motion, double direction) {
    return TaskEntry{
        .id = id,
        .observation_size = 17,
        .action_size = 6,
        .max_episode_steps = 1000,
        .make = [=](TaskArguments&) { return std::make_unique<Cheetah>(motion, direction); }};
  };
  return {entry("dm_control/cheetah-run-v0", Motion::kRun, 1),
          entry("dm_control/cheetah-run_backward-v0", Motion::kRun, -1),
          entry("dm_control/cheetah-flip-v0", Motion::kFlip, 1),
          entry("dm_control/cheetah-flip_backward-v0", Motion::kFlip, -1)};
}

}  // namespace longplay
