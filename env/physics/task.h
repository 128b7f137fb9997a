// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "env/environment.h"
#include "env/physics/mujoco_handles.h"
#include "env/random_generator.h"
#include "env/task_arguments.h"

namespace longplay {

/// One simulation, as a task sees it.
struct Simulation {
  const mjModel* model;
  mjData* data;
  std::span<const double> parameter;  // [P] the chain's hidden parameter
  bool float32_actions = false;       // EnvironmentOptions::float32_actions
};

/// A task: how its simulations start, step, and what they show. It holds no state of a simulation
/// and is used from several threads at once.
///
/// Initialize, Step and Observe must not throw and must not hold objects with destructors while
/// they call MuJoCo: an error of MuJoCo leaves them by longjmp.
class Task {
 public:
  explicit Task(ModelPtr model) : model_(std::move(model)) {}
  virtual ~Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  const mjModel* model() const { return model_.get(); }

  /// O, which a task's arguments may change from what the list says.
  virtual int64_t observation_size(int64_t listed) const { return listed; }

  /// [control steps] of the longest episode, which arguments may change too.
  virtual int64_t max_episode_steps(int64_t listed) const { return listed; }

  /// Lowest and highest value of action number `a`.
  virtual std::pair<double, double> action_range(int64_t a) const {
    return {model_->actuator_ctrlrange[2 * a], model_->actuator_ctrlrange[2 * a + 1]};
  }

  /// mjDisableBit flags that hold while an episode is being started.
  virtual int reset_disable_flags() const { return 0; }

  /// How far quantities that follow from the state are up to date after Step.
  virtual mjtStage stage_after_step() const { return mjSTAGE_NONE; }

  /// Model fields (as named in mjModel, of numbers) that WriteModel sets for each simulation.
  virtual std::vector<std::string> model_fields() const { return {}; }

  /// Sets them at the start of an episode; `fields` hold the model's own values, in the order of
  /// model_fields().
  virtual void WriteModel(std::span<const double> /*parameter*/, RandomGenerator& /*random*/,
                          std::span<const std::span<double>> /*fields*/) const {}

  /// Whether constants that follow from those fields must be computed again (mj_setConst).
  virtual bool model_constants_change() const { return false; }

  /// Draws the hidden parameter of a chain, [P].
  virtual void DrawParameter(ParameterSet /*set*/, RandomGenerator& /*random*/,
                             std::span<double> /*parameter*/) const {}

  /// Draws a start state; called after mj_resetData, leaves derived fields up to date.
  virtual void Initialize(const Simulation& s, RandomGenerator& random) const = 0;

  /// One control step.
  virtual TaskStep Step(const Simulation& s, std::span<const double> action) const = 0;

  /// Reward of a state alone, without an action, where the task has one.
  virtual std::optional<double> StateReward(const Simulation& /*s*/) const { return {}; }

  /// Writes the observation, [O].
  virtual void Observe(const Simulation& s, std::span<double> observation) const = 0;

  /// Shows in a picture what the model itself does not (a goal); `s.data` is used for nothing else.
  virtual void Decorate(const Simulation& /*s*/) const {}

 protected:
  mjModel* mutable_model() { return model_.get(); }  // for constructors

 private:
  ModelPtr model_;
};

/// A row of a list of MuJoCo's tasks.
struct TaskEntry {
  std::string id;
  int64_t observation_size;    // O
  int64_t action_size;         // A
  int64_t max_episode_steps;   // [control steps]
  int64_t parameter_size = 0;  // P
  std::function<std::unique_ptr<Task>(TaskArguments&)> make;
};

/// For TaskEntry::make of a task that takes arguments.
template <typename T>
std::unique_ptr<Task> MakeWithArguments(TaskArguments& arguments) {
  return std::make_unique<T>(arguments);
}

}  // namespace longplay
