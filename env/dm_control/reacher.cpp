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

// Source: dm_control/suite/reacher.py, version 1.0.50.
class DmReacher : public DmControlTask {
 public:
  explicit DmReacher(double target_size)
      : DmControlTask(LoadSuiteModel("reacher"), 1),
        finger_(Geom("finger")),
        target_(Geom("target")) {
    mutable_model()->geom_size[3 * target_] = target_size;
  }

  std::vector<std::string> model_fields() const override { return {"geom_pos"}; }

  void WriteModel(std::span<const double> /*parameter*/, RandomGenerator& random,
                  std::span<const std::span<double>> fields) const override {
    // The target, within a ring around the base [m].
    const double angle = random.Uniform(0, 2 * std::numbers::pi);
    const double radius = random.Uniform(0.05, 0.20);
    fields[0][3 * target_] = radius * std::sin(angle);
    fields[0][3 * target_ + 1] = radius * std::cos(angle);
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    // position, to_target, velocity
    double* out = std::copy_n(s.data->qpos, s.model->nq, observation.data());
    for (int axis : {0, 1}) *out++ = ToTarget(s, axis);
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    RandomizeJoints(s, random);
  }

  double Reward(const Simulation& s) const override {
    // 1 where finger and target overlap, else 0.
    const double radii = s.model->geom_size[3 * target_] + s.model->geom_size[3 * finger_];
    const double x = ToTarget(s, 0), y = ToTarget(s, 1);
    return Tolerance(std::sqrt(x * x + y * y), {.upper = radii});
  }

 private:
  double ToTarget(const Simulation& s, int axis) const {
    return s.data->geom_xpos[3 * target_ + axis] - s.data->geom_xpos[3 * finger_ + axis];
  }

  int finger_, target_;
};

}  // namespace

std::vector<TaskEntry> DmReacherTasks() {
  const auto entry = [](const char* id, double target_size) {
    return TaskEntry{
        .id = id,
        .observation_size = 6,
        .action_size = 2,
        .max_episode_steps = 1000,
        .make = [=](TaskArguments&) { return std::make_unique<DmReacher>(target_size); }};
  };
  return {entry("dm_control/reacher-easy-v0", 0.05), entry("dm_control/reacher-hard-v0", 0.015)};
}

}  // namespace longplay
