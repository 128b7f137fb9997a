// SPDX-License-Identifier: MIT
#include "env/physics/batched_environment.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "env/physics/simulation_batch.h"

namespace longplay {

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

}  // namespace longplay
