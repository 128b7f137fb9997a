// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kStandHeight = 1.2;             // [m] of the torso
constexpr double kWalkSpeed = 1, kRunSpeed = 8;  // [m/s]
constexpr double kSpinSpeed = 5;                 // [kg m^2/s] angular momentum about y

// Source: dm_control/suite/walker.py, version 1.0.50; flip: denisyarats/exorl@4e6377d,
// custom_dmc_tasks/walker.py.
class Walker : public DmControlTask {
 public:
  enum class Goal { kStand, kMove, kFlip };

  explicit Walker(Goal goal, double speed = 0)
      : DmControlTask(LoadSuiteModel("walker"), 10),
        goal_(goal),
        speed_(speed),
        torso_(Body("torso")),
        velocity_(SensorAddress("torso_subtreelinvel")) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = observation.data();
    // orientations of all bodies, height, velocity
    for (int body = 1; body < s.model->nbody; ++body) {
      *out++ = s.data->xmat[9 * body + kXx];
      *out++ = s.data->xmat[9 * body + kXz];
    }
    *out++ = s.data->xpos[3 * torso_ + 2];
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    RandomizeJoints(s, random);
  }

  double Reward(const Simulation& s) const override {
    // Stand reward: three quarters height, one upright. Moving earns a sixth to all of it.
    const double standing =
        Tolerance(s.data->xpos[3 * torso_ + 2],
                  {.lower = kStandHeight, .upper = kInfinity, .margin = kStandHeight / 2});
    const double upright = (1 + s.data->xmat[9 * torso_ + kZz]) / 2;
    const double stand_reward = (3 * standing + upright) / 4;
    if (goal_ == Goal::kStand) return stand_reward;
    const double move_reward = goal_ == Goal::kFlip ? Flipping(s) : Moving(s);
    return stand_reward * (5 * move_reward + 1) / 6;
  }

 private:
  double Moving(const Simulation& s) const {
    return Tolerance(s.data->sensordata[velocity_], {.lower = speed_,
                                                     .upper = kInfinity,
                                                     .margin = speed_ / 2,
                                                     .value_at_margin = 0.5,
                                                     .sigmoid = Sigmoid::kLinear});
  }

  double Flipping(const Simulation& s) const {
    return Tolerance(s.data->subtree_angmom[3 * torso_ + 1], {.lower = kSpinSpeed,
                                                              .upper = kInfinity,
                                                              .margin = kSpinSpeed,
                                                              .value_at_margin = 0,
                                                              .sigmoid = Sigmoid::kLinear});
  }

  Goal goal_;
  double speed_;
  int torso_, velocity_;
};

}  // namespace

std::vector<TaskEntry> WalkerTasks() {
  using Goal = Walker::Goal;
  const auto entry = [](const char* id, Goal goal, double speed = 0) {
    return TaskEntry{.id = id,
                     .observation_size = 24,
                     .action_size = 6,
                     .max_episode_steps = 1000,
                     .make = [=](TaskArguments&) { return std::make_unique<Walker>(goal, speed); }};
  };
  return {entry("dm_control/walker-stand-v0", Goal::kStand),
          entry("dm_control/walker-walk-v0", Goal::kMove, kWalkSpeed),
          entry("dm_control/walker-run-v0", Goal::kMove, kRunSpeed),
          entry("dm_control/walker-flip-v0", Goal::kFlip)};
}

}  // namespace longplay
