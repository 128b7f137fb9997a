// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "env/environment.h"
#include "env/random_generator.h"
#include "env/task_arguments.h"

namespace longplay {

/// One simulation, as a task sees it.
struct PlainSimulation {
  std::span<double> state;            // [S]
  std::span<const double> parameter;  // [P] the chain's hidden parameter
};

/// A task without a simulator: the state of a simulation is a few numbers. It holds no state of a
/// simulation itself.
class PlainTask {
 public:
  PlainTask() = default;
  PlainTask(const PlainTask&) = delete;
  PlainTask& operator=(const PlainTask&) = delete;
  virtual ~PlainTask() = default;

  virtual int64_t state_size() const = 0;  // S

  /// O, which a task's arguments may change from what the list says.
  virtual int64_t observation_size(int64_t listed) const { return listed; }

  /// Lowest and highest value of number `a` of a continuous action.
  virtual std::pair<double, double> action_range(int64_t /*a*/) const { return {-1, 1}; }

  /// [control steps] of the longest episode, which a task's arguments may change.
  virtual int64_t max_episode_steps(int64_t listed) const { return listed; }

  /// Draws the hidden parameter of a chain, [P].
  virtual void DrawParameter(ParameterSet /*set*/, RandomGenerator& /*random*/,
                             std::span<double> /*parameter*/) const {}

  /// Draws a start state.
  virtual void Initialize(const PlainSimulation& s, RandomGenerator& random) const = 0;

  /// One control step; action [spec.action_columns()], of discrete ones a valid number.
  virtual TaskStep Step(const PlainSimulation& s, std::span<const double> action) const = 0;

  /// Writes the observation, [O].
  virtual void Observe(const PlainSimulation& s, std::span<double> observation) const = 0;
};

/// A row of a list of such tasks.
struct PlainEntry {
  EnvironmentSpec spec;  // max_episode_steps in control steps
  std::function<std::unique_ptr<PlainTask>(TaskArguments&)> make;
};

/// Rows of the list of environments, each a PlainEnvironment of the task.
std::vector<EnvironmentEntry> EnvironmentEntries(const std::vector<PlainEntry>& tasks);

}  // namespace longplay
