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

constexpr double kStandHeight = 0.6;  // [m] of the torso above the foot
constexpr double kHopSpeed = 2;       // [m/s]

// Source: dm_control/suite/hopper.py, version 1.0.50.
class DmHopper : public DmControlTask {
 public:
  explicit DmHopper(bool hopping)
      : DmControlTask(LoadSuiteModel("hopper"), 4),
        hopping_(hopping),
        torso_(Body("torso")),
        foot_(Body("foot")),
        velocity_(SensorAddress("torso_subtreelinvel")),
        touches_{SensorAddress("touch_toe"), SensorAddress("touch_heel")} {}

  // The horizontal position is left out.
  void Observe(const Simulation& s, std::span<double> observation) const override {
    // position, velocity, touch
    double* out = std::copy(s.data->qpos + 1, s.data->qpos + s.model->nq, observation.data());
    out = std::copy_n(s.data->qvel, s.model->nv, out);
    for (int address : touches_) *out++ = std::log1p(s.data->sensordata[address]);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    RandomizeJoints(s, random);
  }

  double Reward(const Simulation& s) const override {
    // stand: (4 + small control) / 5 of it; hop: with the speed, half of it at 1 m/s.
    const double height = s.data->xipos[3 * torso_ + 2] - s.data->xipos[3 * foot_ + 2];
    const double standing = Tolerance(height, {.lower = kStandHeight, .upper = 2});
    if (!hopping_) return standing * ((SmallControl(s) + 4) / 5);
    return standing * Tolerance(s.data->sensordata[velocity_],
                                {.lower = kHopSpeed,
                                 .upper = std::numeric_limits<double>::infinity(),
                                 .margin = kHopSpeed / 2,
                                 .value_at_margin = 0.5,
                                 .sigmoid = Sigmoid::kLinear});
  }

 private:
  bool hopping_;
  int torso_, foot_, velocity_;
  int touches_[2];
};

}  // namespace

std::vector<TaskEntry> DmHopperTasks() {
  const auto entry = [](const char* id, bool hopping) {
    return TaskEntry{.id = id,
                     .observation_size = 15,
                     .action_size = 4,
                     .max_episode_steps = 1000,
                     .make = [=](TaskArguments&) { return std::make_unique<DmHopper>(hopping); }};
  };
  return {entry("dm_control/hopper-stand-v0", false), entry("dm_control/hopper-hop-v0", true)};
}

}  // namespace longplay
