// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "env/physics/mujoco_handles.h"
#include "env/physics/task.h"
#include "env/task_arguments.h"

namespace longplay {

/// One simulation of a listed task whose state a test sets by hand, with nothing in between. Its
/// model is a copy of the task's, so that a test may move a target or switch contacts off.
class SingleSimulation {
 public:
  SingleSimulation(const std::vector<TaskEntry>& tasks, const std::string& id,
                   std::map<std::string, std::string> arguments = {})
      : entry_(Find(tasks, id)) {
    TaskArguments given(id, std::move(arguments));
    task_ = entry_.make(given);
    given.CheckAllUsed();
    model_.reset(mj_copyModel(nullptr, task_->model()));
    data_.reset(mj_makeData(model_.get()));
  }

  const Task& task() const { return *task_; }
  mjModel* model() { return model_.get(); }
  mjData* data() { return data_.get(); }
  int Id(mjtObj type, const char* name) const { return mj_name2id(model_.get(), type, name); }

  std::vector<double> parameter;  // the chain's hidden one

  /// The first joint positions and velocities, and the controls; what is not named is as after a
  /// reset. Whatever follows from them is up to date.
  void Set(const std::vector<double>& positions, const std::vector<double>& velocities = {},
           const std::vector<double>& controls = {}) {
    mj_resetData(model_.get(), data_.get());
    std::ranges::copy(positions, data_->qpos);
    std::ranges::copy(velocities, data_->qvel);
    std::ranges::copy(controls, data_->ctrl);
    mj_forward(model_.get(), data_.get());
  }

  /// Starts an episode as the batch does, with the model as it is.
  void Start(uint64_t seed) {
    RandomGenerator random(seed, RandomGenerator::Stream::kEpisode);
    const int flags = model_->opt.disableflags;
    model_->opt.disableflags |= task_->reset_disable_flags();
    mj_resetData(model_.get(), data_.get());
    task_->Initialize(view(), random);
    model_->opt.disableflags = flags;
  }

  /// Of the state alone, where the task has one.
  double Reward() const { return task_->StateReward(view()).value(); }

  TaskStep Step(const std::vector<double>& action) { return task_->Step(view(), action); }

  std::vector<double> Observe() const {
    std::vector<double> observation(task_->observation_size(entry_.observation_size));
    task_->Observe(view(), observation);
    return observation;
  }

 private:
  static TaskEntry Find(const std::vector<TaskEntry>& tasks, const std::string& id) {
    const auto found = std::ranges::find(tasks, id, &TaskEntry::id);
    if (found == tasks.end()) throw std::logic_error("no such task: " + id);
    return *found;
  }
  Simulation view() const { return {model_.get(), data_.get(), parameter}; }

  TaskEntry entry_;
  std::unique_ptr<Task> task_;
  ModelPtr model_;
  DataPtr data_;
};

/// Over 100 starts a number stays within [low, high] and comes within a tenth of both ends (by
/// chance it does not once in 40,000 choices of seeds).
inline void ExpectStartsFill(SingleSimulation& simulation, double low, double high,
                             const std::function<double(const mjData&)>& number) {
  double lowest = high, highest = low;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    simulation.Start(seed);
    const double x = number(*simulation.data());
    EXPECT_GE(x, low) << "seed " << seed;
    EXPECT_LE(x, high) << "seed " << seed;
    lowest = std::min(lowest, x);
    highest = std::max(highest, x);
  }
  EXPECT_LT(lowest, low + 0.1 * (high - low));
  EXPECT_GT(highest, high - 0.1 * (high - low));
}

}  // namespace longplay
