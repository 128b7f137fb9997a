// SPDX-License-Identifier: MIT
// Gymnasium's Hopper and Walker2d with hidden dynamics, drawn once per chain: masses (with their
// inertias), damping of the actuated joints, and friction. 50 tasks, numbered as in
// numbered_tasks.h, in episodes of 200 steps; rewards and ends are Gymnasium's.
//
// A parameter u from [-1, 1) stands for a factor: 1.5^(3 u) on the mass and inertia of a body and
// on the friction of a geom, 1.3^(3 u) on the damping of a joint. Source of the factors and of what
// they act on: rand_param_envs (dennisl88/rand_param_envs), as used by PEARL and Meta-DT
// (arXiv 2410.11448); there mass and inertia have factors of their own, here a body keeps its
// shape.
#include <cmath>
#include <stdexcept>

#include "env/family/family_tasks.h"
#include "env/family/numbered_tasks.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

constexpr double kMassBase = 1.5, kDampingBase = 1.3, kFrictionBase = 1.5, kExponent = 3;
constexpr uint64_t kFamilySeed = 2024;  // of the 50 draws; part of the tasks' definition
constexpr int kRootJoints = 3;          // not damped, so that a factor would do nothing

class HiddenDynamics : public Task {
 public:
  HiddenDynamics(std::unique_ptr<Task> task, bool dynamics_are_seen)
      : Task(ModelPtr(mj_copyModel(nullptr, task->model()))),
        task_(std::move(task)),
        dynamics_are_seen_(dynamics_are_seen) {}

  int64_t observation_size(int64_t listed) const override { return listed; }

  std::vector<std::string> model_fields() const override {
    return {"body_mass", "body_inertia", "dof_damping", "geom_friction"};
  }
  bool model_constants_change() const override { return true; }

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> parameter) const override {
    // A task's dynamics come from its number alone, not from the chain's generator.
    RandomGenerator own(kFamilySeed + DrawTaskNumber(set, random), RandomGenerator::Stream::kChain);
    for (double& u : parameter) u = own.Uniform(-1, 1);
  }

  void WriteModel(std::span<const double> parameter, RandomGenerator& /*random*/,
                  std::span<const std::span<double>> fields) const override {
    // In the parameter's order: bodies, actuated joints, geoms.
    const double* u = parameter.data();
    for (int body = 1; body < model()->nbody; ++body, ++u) {  // 0 is the world
      const double factor = std::pow(kMassBase, kExponent * *u);
      fields[0][body] *= factor;
      for (int axis = 0; axis < 3; ++axis) fields[1][3 * body + axis] *= factor;
    }
    for (int dof = kRootJoints; dof < model()->nv; ++dof, ++u) {
      fields[2][dof] *= std::pow(kDampingBase, kExponent * *u);
    }
    for (int geom = 1; geom < model()->ngeom; ++geom, ++u) {  // 0 is the floor
      const double factor = std::pow(kFrictionBase, kExponent * *u);
      for (int k = 0; k < 3; ++k) fields[3][3 * geom + k] *= factor;
    }
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    task_->Initialize(s, random);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    return task_->Step(s, action);
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const size_t hidden = dynamics_are_seen_ ? s.parameter.size() : 0;
    task_->Observe(s, observation.first(observation.size() - hidden));
    if (dynamics_are_seen_) {
      std::copy(s.parameter.begin(), s.parameter.end(), observation.end() - hidden);
    }
  }

 private:
  std::unique_ptr<Task> task_;
  bool dynamics_are_seen_;
};

struct Robot {
  std::string family, id;
  int64_t observation_size, action_size, parameter_size;
};

/// How Gymnasium's task `id` is made.
decltype(TaskEntry::make) MakerOf(const std::string& id) {
  for (const TaskEntry& task : GymnasiumTasks()) {
    if (task.id == id) return task.make;
  }
  throw std::logic_error("listing environments: expected " + id + " among Gymnasium's, got none");
}

TaskEntry Entry(const Robot& robot, bool seen) {
  return {.id = "family/" + robot.family + (seen ? "-oracle-v0" : "-v0"),
          .observation_size = robot.observation_size + (seen ? robot.parameter_size : 0),
          .action_size = robot.action_size,
          .max_episode_steps = 200,
          .parameter_size = robot.parameter_size,
          .make = [make = MakerOf(robot.id), seen](TaskArguments& arguments) {
            return std::make_unique<HiddenDynamics>(make(arguments), seen);
          }};
}

}  // namespace

std::vector<TaskEntry> HiddenDynamicsTasks() {
  std::vector<TaskEntry> entries;
  for (const Robot& robot : {Robot{"hopper-parameters", "Hopper-v5", 11, 3, 4 + 3 + 4},
                             Robot{"walker-parameters", "Walker2d-v5", 17, 6, 7 + 6 + 7}}) {
    for (const bool seen : {false, true}) entries.push_back(Entry(robot, seen));
  }
  return entries;
}

}  // namespace longplay
