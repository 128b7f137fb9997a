// SPDX-License-Identifier: MIT
#include "env/physics/batched_environment.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "env/environment_id.h"
#include "env/physics/mujoco_log.h"
#include "env/physics/simulation_batch.h"
#include "env/physics/task_list.h"

namespace longplay {
namespace {

/// The task's arguments: those of the id, and those of the options. Throws for one in both.
std::map<std::string, std::string> Arguments(const EnvironmentId& id,
                                             const EnvironmentOptions& options) {
  auto arguments = options.arguments;
  for (const auto& [name, value] : id.arguments) {
    if (arguments.emplace(name, value).second) continue;
    throw std::invalid_argument("making an environment: " + id.name + ": expected argument " +
                                name + " once, got it in the id and in the options");
  }
  return arguments;
}

EnvironmentSpec MakeSpec(const TaskEntry& entry) {
  return {.id = entry.id,
          .observation_size = entry.observation_size,
          .action_size = entry.action_size,
          .max_episode_steps = entry.max_episode_steps,
          .action_low = {},
          .action_high = {},
          .parameter_size = entry.parameter_size};
}

}  // namespace

BatchedEnvironment::BatchedEnvironment(const std::string& id, const EnvironmentOptions& options) {
  InstallMujocoLog();
  CheckOptions(options);
  const EnvironmentId parsed = ParseEnvironmentId(id);
  const TaskEntry& entry = FindTask(parsed.name);
  TaskArguments arguments(parsed.name, Arguments(parsed, options));
  std::unique_ptr<Task> task = entry.make(arguments);
  arguments.CheckAllUsed();
  EnvironmentSpec spec = MakeSpec(entry);
  spec.id = id;
  spec.observation_size = task->observation_size(entry.observation_size);
  simulations_ = std::make_unique<SimulationBatch>(std::move(spec), std::move(task), options);
}

BatchedEnvironment::BatchedEnvironment(const EnvironmentSpec& spec, std::unique_ptr<Task> task,
                                       const EnvironmentOptions& options)
    : simulations_(std::make_unique<SimulationBatch>(spec, std::move(task), options)) {}
BatchedEnvironment::~BatchedEnvironment() = default;
BatchedEnvironment::BatchedEnvironment(BatchedEnvironment&&) noexcept = default;

const EnvironmentSpec& BatchedEnvironment::spec() const { return simulations_->spec; }
int64_t BatchedEnvironment::batch() const { return simulations_->options.batch; }
int BatchedEnvironment::threads() const { return mjb_nthread(simulations_->batch.get()); }
const mjModel* BatchedEnvironment::model() const { return simulations_->task->model(); }
mjtStage BatchedEnvironment::stage_after_step() const {
  return simulations_->task->stage_after_step();
}

void BatchedEnvironment::StartChain(int64_t i, uint64_t seed) {
  simulations_->CheckIndex(i);
  RandomGenerator random(seed, RandomGenerator::Stream::kChain);
  simulations_->task->DrawParameter(simulations_->options.parameters, random,
                                    simulations_->parameter(i));
}

void BatchedEnvironment::Reset(int64_t i, uint64_t seed) { Reset({&i, 1}, {&seed, 1}); }

void BatchedEnvironment::Reset(std::span<const int64_t> simulations,
                               std::span<const uint64_t> seeds) {
  CheckSize("starting episodes: seeds", seeds.size(), static_cast<int64_t>(simulations.size()));
  for (int64_t i : simulations) simulations_->CheckIndex(i);
  const size_t at_once = simulations_->starts.size();
  for (size_t k = 0; k < simulations.size(); k += at_once) {
    const size_t count = std::min(at_once, simulations.size() - k);
    simulations_->Start(simulations.subspan(k, count), seeds.subspan(k, count));
  }
}

const std::vector<StepOutcome>& BatchedEnvironment::Step(std::span<const double> actions,
                                                         std::span<const uint8_t> active) {
  SimulationBatch& all = *simulations_;
  const size_t count = all.outcomes.size();
  if (actions.size() != all.actions.size() || active.size() != count) {
    throw std::invalid_argument(
        "stepping an environment: actions and active: expected " +
        std::to_string(all.actions.size()) + " and " + std::to_string(count) + " values, got " +
        std::to_string(actions.size()) + " and " + std::to_string(active.size()));
  }
  all.ids.clear();
  for (size_t i = 0; i < count; ++i) {
    all.outcomes[i] = {};
    if (active[i] == 0) continue;
    if (all.over[i] != 0) {
      throw std::invalid_argument("stepping an environment: simulation " + std::to_string(i) +
                                  ": expected a running episode, got one that is over; call Reset");
    }
    all.ids.push_back(static_cast<int>(i));
  }
  std::copy(actions.begin(), actions.end(), all.actions.begin());
  all.StepAll();
  return all.outcomes;
}

std::span<const double> BatchedEnvironment::observation(int64_t i) const {
  simulations_->CheckIndex(i);
  return SimulationBatch::Row(simulations_->observations, i, simulations_->spec.observation_size);
}

std::span<const double> BatchedEnvironment::parameter(int64_t i) const {
  simulations_->CheckIndex(i);
  return simulations_->parameter(i);
}

std::vector<EnvironmentSpec> ListEnvironments() {
  std::vector<EnvironmentSpec> specs;
  for (const TaskEntry& task : AllTasks()) specs.push_back(MakeSpec(task));
  return specs;
}

}  // namespace longplay
