// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

// Source: dm_control/suite/point_mass.py, version 1.0.50.
class PointMass : public DmControlTask {
 public:
  /// With drawn gains each control moves the mass in a direction drawn for the episode.
  explicit PointMass(bool draw_gains)
      : DmControlTask(LoadSuiteModel("point_mass"), 1),
        draw_gains_(draw_gains),
        mass_(Geom("pointmass")),
        target_(Geom("target")) {}

  std::vector<std::string> model_fields() const override {
    if (draw_gains_) return {"wrap_prm"};
    return {};
  }

  void WriteModel(std::span<const double> /*parameter*/, RandomGenerator& random,
                  std::span<const std::span<double>> fields) const override {
    // Gains of the two tendons, (x, y) each, not nearly parallel.
    double* first = fields[0].data();
    double* second = first + 2;
    DrawDirection(first, random);
    do {
      DrawDirection(second, random);
    } while (std::abs(first[0] * second[0] + first[1] * second[1]) > 0.9);
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy_n(s.data->qpos, s.model->nq, observation.data());
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    RandomizeJoints(s, random);
  }

  double Reward(const Simulation& s) const override {
    // 1 within the target, a tenth one radius further.
    const double size = s.model->geom_size[3 * target_];
    const double distance =
        mju_dist3(s.data->geom_xpos + 3 * target_, s.data->geom_xpos + 3 * mass_);
    const double near_target = Tolerance(distance, {.upper = size, .margin = size});
    return near_target * ((SmallControl(s) + 4) / 5);
  }

 private:
  static void DrawDirection(double* direction, RandomGenerator& random) {
    const double x = random.Normal(), y = random.Normal();
    const double norm = std::hypot(x, y);
    direction[0] = x / norm;
    direction[1] = y / norm;
  }

  bool draw_gains_;
  int mass_, target_;
};

}  // namespace

std::vector<TaskEntry> PointMassTasks() {
  const auto entry = [](const char* id, bool draw_gains) {
    return TaskEntry{
        .id = id,
        .observation_size = 4,
        .action_size = 2,
        .max_episode_steps = 1000,
        .make = [=](TaskArguments&) { return std::make_unique<PointMass>(draw_gains); }};
  };
  return {entry("dm_control/point_mass-easy-v0", false),
          entry("dm_control/point_mass-hard-v0", true)};
}

}  // namespace longplay
