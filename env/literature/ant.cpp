// SPDX-License-Identifier: MIT
// Ant-Dir: Gymnasium's Ant with a hidden direction to run in.
//
//   observation  27 = positions but x and y (13), velocities (14)
//   reward       speed of the torso in the direction - 0.5 |action|^2 + 1. The 1 is always paid: 200
//                for standing still. Contacts cost nothing: the publications' MuJoCo computed no
//                contact forces, so that their cost of contacts is 0
//   start        positions + U(-0.1, 0.1), velocities + 0.1 N(0, 1)
//   end          after 200 steps of 0.05 s, never before, also not where it falls
//   directions   50 angles: RandomState(123456), two numbers thrown away, uniform(0, 2 pi, 50);
//                tests 45 ... 49. The hidden parameter is (cos, sin)
//
// Arguments: env/literature/task_numbers.h, env/literature/legacy_task.h.
// Source: NJU-RL/T2DA f6a1879, diffuser/environments/ant_dir.py and its task list (arXiv 2504.15046);
// the same in NJU-RL/Meta-DT d568100 and NJU-RL/SICQL 5b3f9bc.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "env/gymnasium/gymnasium_task.h"
#include "env/literature/legacy_task.h"
#include "env/literature/literature_physics.h"
#include "env/literature/published_random.h"
#include "env/literature/task_numbers.h"

namespace longplay {
namespace {

constexpr double kAntControlCost = 0.5, kAntNoise = 0.1, kAntBonus = 1;
constexpr int64_t kAntDirections = 50;
constexpr int kAntTorso = 1;

/// [rad]
std::vector<double> PublishedAntAngles() {
  MersenneTwister random = MersenneTwister::OfNumpy(123456);
  for (int thrown = 0; thrown < 2; ++thrown) random.Uniform(0, 1);
  std::vector<double> angles(kAntDirections);
  for (double& angle : angles) angle = random.Uniform(0, 2 * std::numbers::pi);
  return angles;
}

class LiteratureAnt : public LegacyTask {
 public:
  LiteratureAnt(TaskArguments& arguments, bool direction_is_seen)
      : LegacyTask(arguments, {.file = "ant.xml", .frame_skip = 5}),
        angles_(PublishedAntAngles()),
        numbers_(arguments, kAntDirections, LastFiveOfFifty()),
        direction_is_seen_(direction_is_seen) {}

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> direction) const override {
    const double angle = numbers_.are_drawn() ? random.Uniform(0, 2 * std::numbers::pi)
                                              : angles_[numbers_.Draw(set, random)];
    direction[0] = std::cos(angle);
    direction[1] = std::sin(angle);
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, kAntNoise, random);
    AddNormalVelocityNoise(s, kAntNoise, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // Of the torso's frame [m], as the last mj_step left it; speed along the direction [m/s].
    const double* position = s.data->xpos + 3 * kAntTorso;
    const double x = position[0], y = position[1];
    Simulate(s, action);
    const double speed =
        ((position[0] - x) * s.parameter[0] + (position[1] - y) * s.parameter[1]) / dt();
    return {.reward = speed - ControlCost(s, kAntControlCost, action) + kAntBonus};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy(s.data->qpos + 2, s.data->qpos + s.model->nq, observation.data());
    out = std::copy_n(s.data->qvel, s.model->nv, out);
    if (direction_is_seen_) std::copy(s.parameter.begin(), s.parameter.end(), out);
  }

 private:
  std::vector<double> angles_;  // by number
  TaskNumbers numbers_;
  bool direction_is_seen_;
};

TaskEntry LiteratureAntEntry(const std::string& id, bool seen) {
  return {.id = id,
          .observation_size = seen ? 29 : 27,
          .action_size = 8,
          .max_episode_steps = 200,
          .parameter_size = 2,
          .make = [=](TaskArguments& arguments) {
            return std::make_unique<LiteratureAnt>(arguments, seen);
          }};
}

}  // namespace

std::vector<TaskEntry> LiteratureAntTasks() {
  return {LiteratureAntEntry("literature/ant-dir-v0", false),
          LiteratureAntEntry("literature/ant-dir-oracle-v0", true)};
}

}  // namespace longplay
