// SPDX-License-Identifier: MIT
#include <array>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr double kTargetRadius = 0.015;  // [m]

void Replace(std::string& xml, const std::string& from, const std::string& to) {
  xml.replace(xml.find(from), from.size(), to);
}

// dm_control's point mass between two walls that cross, with contacts.
ModelPtr MakeModel(double x, double y) {
  return LoadSuiteModel("point_mass", [=](std::string& xml) {
    // Contacts on, walls in, and a target that nothing bumps into.
    Replace(xml, "<flag contact=\"disable\"/>", "");
    Replace(xml, "<body name=\"pointmass\"",
            "<geom name='maze_y' type='box' material='site' pos='0 0 .02' zaxis='0 1 0' "
            "size='.18 .02 .02'/>"
            "<geom name='maze_x' type='box' material='site' pos='0 0 .02' zaxis='1 0 0' "
            "size='.02 .18 .02'/><body name=\"pointmass\"");
    Replace(xml, "<geom name=\"target\" pos=\"0 0 .01\"",
            "<geom name=\"target\" contype='0' conaffinity='0' pos=\"" + std::to_string(x) + " " +
                std::to_string(y) + " .01\"");
  });
}

// From the top left room to a corner. Source: denisyarats/exorl@4e6377d,
// custom_dmc_tasks/point_mass_maze.py and point_mass_maze_reach_top_left.xml.
class PointMassMaze : public DmControlTask {
 public:
  PointMassMaze(double x, double y)
      : DmControlTask(MakeModel(x, y), 1), target_{x, y, 0.01}, mass_(Geom("pointmass")) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy_n(s.data->qpos, s.model->nq, observation.data());
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // [m], in the top left room
    s.data->qpos[0] = random.Uniform(-0.29, -0.15);
    s.data->qpos[1] = random.Uniform(0.15, 0.29);
  }

  double Reward(const Simulation& s) const override {
    const double distance = mju_dist3(target_.data(), s.data->geom_xpos + 3 * mass_);
    const double near_target =
        Tolerance(distance, {.upper = kTargetRadius, .margin = kTargetRadius});
    return near_target * ((SmallControl(s) + 4) / 5);
  }

 private:
  std::array<double, 3> target_;
  int mass_;
};

}  // namespace

std::vector<TaskEntry> PointMassMazeTasks() {
  const auto entry = [](const std::string& corner, double x, double y) {
    return TaskEntry{.id = "dm_control/point_mass_maze-reach_" + corner + "-v0",
                     .observation_size = 4,
                     .action_size = 2,
                     .max_episode_steps = 1000,
                     .make = [=](TaskArguments&) { return std::make_unique<PointMassMaze>(x, y); }};
  };
  return {entry("top_left", -0.15, 0.15), entry("top_right", 0.15, 0.15),
          entry("bottom_left", -0.15, -0.15), entry("bottom_right", 0.15, -0.15)};
}

}  // namespace longplay
