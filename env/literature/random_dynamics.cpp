// SPDX-License-Identifier: MIT
// Hopper-Param and Walker-Param: robots whose masses, inertias, damping and friction are hidden.
//
//   model        Gymnasium's hopper.xml, walker2d.xml with a timestep of 0.004 s; 4 and 5 of them to a
//                step, so dt = 0.016 and 0.02 s
//   hidden       exponents u in (-1, 1), one factor each for: the mass of a body (1.5^(3 u)), its three
//                inertias (1.5^(3 u), independent of its mass and of each other), the damping of a
//                joint (1.3^(3 u)), the three frictions of a geom (1.5^(3 u), the floor's too)
//   constants    that follow from masses stay those of the robot without factors, as published
//   observation  positions but x, velocities clipped to +-10
//   reward       (x' - x) / dt + 1 - 1e-3 |action|^2; the 1 is always paid
//   start        positions and velocities + U(-0.005, 0.005)
//   end          after 200 steps, never before: the publications switched off the ends
//   tasks        50, tests 45 ... 49. The walker's list is public. The hopper's is not: these are the
//                recipe's draws with its seed 1234, which may be others
//
// Arguments: env/literature/task_numbers.h, env/literature/legacy_task.h.
// Source: NJU-RL/Meta-DT d568100, src/envs.py (arXiv 2410.11448) on dennisl88/rand_param_envs 4d1529d,
// hopper_rand_params.py, walker2d_rand_params.py, base.py; NJU-RL/T2MIR 5e946c5,
// datasets/WalkerRandParams-v0/task_goals.pkl.
#include <algorithm>
#include <cmath>

#include "env/gymnasium/gymnasium_task.h"
#include "env/literature/legacy_task.h"
#include "env/literature/literature_physics.h"
#include "env/literature/published_random.h"
#include "env/literature/task_numbers.h"
#include "env/literature/walker_tasks_0_to_24.h"
#include "env/literature/walker_tasks_25_to_49.h"

namespace longplay {
namespace {

constexpr double kMassFactor = 1.5, kDampingFactor = 1.3, kFrictionFactor = 1.5, kLargest = 3;
constexpr double kDynamicsNoise = 0.005, kDynamicsControlCost = 1e-3, kDynamicsBonus = 1;
constexpr double kFastestSeen = 10;  // velocities are clipped to
constexpr double kDynamicsTimestep = 0.004;
constexpr int64_t kDynamicsTasks = 50;
constexpr int kRootDofs = 3;  // not damped: a factor would do nothing

using Exponents = std::vector<double>;  // masses, inertias, damping, friction; in units of kLargest

/// rand_param_envs' draws for a hopper: of all five bodies with the world, all six dofs, five geoms.
std::vector<Exponents> HopperList() {
  constexpr int kBodies = 5, kDofs = 6, kGeoms = 5;
  MersenneTwister random = MersenneTwister::OfNumpy(1234);
  std::vector<Exponents> tasks(kDynamicsTasks);
  // The first `unused` of each kind are of the world or of the root, and have no effect.
  const auto draw = [&](Exponents& task, int count, int unused) {
    for (int k = 0; k < count; ++k) {
      const double exponent = random.Uniform(-kLargest, kLargest) / kLargest;
      if (k >= unused) task.push_back(exponent);
    }
  };
  for (Exponents& task : tasks) {
    draw(task, kBodies, 1);
    draw(task, 3 * kBodies, 3);
    draw(task, kDofs, kRootDofs);
    draw(task, 3 * kGeoms, 0);
  }
  return tasks;
}

std::vector<Exponents> WalkerList() {
  constexpr size_t kEach = 58;
  std::vector<Exponents> tasks;
  for (const auto& half : {kWalkerTasks0To24, kWalkerTasks25To49}) {
    for (size_t k = 0; k < half.size(); ++k) {
      if (k % kEach == 0) tasks.emplace_back();
      tasks.back().push_back(1e-9 * half[k]);
    }
  }
  return tasks;
}

struct DynamicsRobot {
  std::string name, file;
  int64_t observation_size, action_size, parameter_size;
  int frame_skip;
  std::vector<Exponents> (*list)();
};

class RandomDynamics : public LegacyTask {
 public:
  RandomDynamics(TaskArguments& arguments, const DynamicsRobot& robot, bool dynamics_are_seen)
      : LegacyTask(
            arguments,
            {.file = robot.file, .frame_skip = robot.frame_skip, .timestep = kDynamicsTimestep}),
        list_(robot.list()),
        numbers_(arguments, kDynamicsTasks, LastFiveOfFifty()),
        dynamics_are_seen_(dynamics_are_seen) {}

  // mj_setConst is not called: model_constants_change() is false.
  std::vector<std::string> model_fields() const override {
    return {"body_mass", "body_inertia", "dof_damping", "geom_friction"};
  }

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> exponents) const override {
    if (numbers_.are_drawn()) {
      for (double& exponent : exponents) exponent = random.Uniform(-1, 1);
    } else {
      std::ranges::copy(list_[numbers_.Draw(set, random)], exponents.begin());
    }
  }

  void WriteModel(std::span<const double> exponents, RandomGenerator& /*random*/,
                  std::span<const std::span<double>> fields) const override {
    const double* u = exponents.data();
    const auto scale = [&u](std::span<double> values, double base) {
      for (double& value : values) value *= std::pow(base, kLargest * *u++);
    };
    scale(fields[0].subspan(1), kMassFactor);  // 0 is the world
    scale(fields[1].subspan(3), kMassFactor);
    scale(fields[2].subspan(kRootDofs), kDampingFactor);
    scale(fields[3], kFrictionFactor);
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, kDynamicsNoise, random);
    AddUniformVelocityNoise(s, kDynamicsNoise, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    const double x_before = s.data->qpos[0];
    Simulate(s, action);
    const double velocity = (s.data->qpos[0] - x_before) / dt();
    return {.reward = velocity + kDynamicsBonus - ControlCost(s, kDynamicsControlCost, action)};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy(s.data->qpos + 1, s.data->qpos + s.model->nq, observation.data());
    out = std::transform(s.data->qvel, s.data->qvel + s.model->nv, out,
                         [](double v) { return std::clamp(v, -kFastestSeen, kFastestSeen); });
    if (dynamics_are_seen_) std::copy(s.parameter.begin(), s.parameter.end(), out);
  }

 private:
  std::vector<Exponents> list_;  // by number
  TaskNumbers numbers_;
  bool dynamics_are_seen_;
};

TaskEntry DynamicsEntry(const DynamicsRobot& robot, bool seen) {
  return {.id = "literature/" + robot.name + (seen ? "-oracle-v0" : "-v0"),
          .observation_size = robot.observation_size + (seen ? robot.parameter_size : 0),
          .action_size = robot.action_size,
          .max_episode_steps = 200,
          .parameter_size = robot.parameter_size,
          .make = [robot, seen](TaskArguments& arguments) {
            return std::make_unique<RandomDynamics>(arguments, robot, seen);
          }};
}

}  // namespace

std::vector<TaskEntry> LiteratureDynamicsTasks() {
  // Exponents: of bodies 4 each, of actuated joints 1, of geoms 3.
  const DynamicsRobot hopper = {.name = "hopper-param",
                                .file = "hopper.xml",
                                .observation_size = 11,
                                .action_size = 3,
                                .parameter_size = 4 * 4 + 3 + 3 * 5,
                                .frame_skip = 4,
                                .list = HopperList};
  const DynamicsRobot walker = {.name = "walker-param",
                                .file = "walker2d.xml",
                                .observation_size = 17,
                                .action_size = 6,
                                .parameter_size = 4 * 7 + 6 + 3 * 8,
                                .frame_skip = 5,
                                .list = WalkerList};
  std::vector<TaskEntry> entries;
  for (const DynamicsRobot& robot : {hopper, walker}) {
    for (const bool seen : {false, true}) entries.push_back(DynamicsEntry(robot, seen));
  }
  return entries;
}

}  // namespace longplay
