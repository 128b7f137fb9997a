// SPDX-License-Identifier: MIT
#include "env/physics/mujoco_environment.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include "env/physics/simulation_batch.h"

namespace longplay {

MujocoEnvironment::MujocoEnvironment(const EnvironmentSpec& spec, std::unique_ptr<Task> task,
                                     const EnvironmentOptions& options)
    : simulations_(std::make_unique<SimulationBatch>(spec, std::move(task), options)) {}
MujocoEnvironment::~MujocoEnvironment() = default;

const EnvironmentSpec& MujocoEnvironment::spec() const { return simulations_->spec; }
int64_t MujocoEnvironment::batch() const { return simulations_->options.batch; }
int MujocoEnvironment::threads() const { return mjb_nthread(simulations_->batch.get()); }
const mjModel* MujocoEnvironment::model() const { return simulations_->task->model(); }
mjtStage MujocoEnvironment::stage_after_step() const {
  return simulations_->task->stage_after_step();
}

void MujocoEnvironment::StartChain(int64_t i, uint64_t seed) {
  simulations_->CheckIndex(i);
  RandomGenerator random(seed, RandomGenerator::Stream::kChain);
  simulations_->task->DrawParameter(simulations_->options.parameters, random,
                                    simulations_->parameter(i));
}

void MujocoEnvironment::Reset(std::span<const int64_t> simulations,
                              std::span<const uint64_t> seeds) {
  CheckSize("starting episodes: seeds", seeds.size(), static_cast<int64_t>(simulations.size()));
  for (int64_t i : simulations) simulations_->CheckIndex(i);
  simulations_->Start(simulations, seeds);
}

const std::vector<StepOutcome>& MujocoEnvironment::Step(std::span<const double> actions,
                                                        std::span<const uint8_t> active) {
  SimulationBatch& all = *simulations_;
  CheckStep(all.spec, actions, active, all.over);
  // Ascending, as mjb_apply wants them; the others show an empty outcome.
  all.ids.clear();
  for (size_t i = 0; i < active.size(); ++i) {
    all.outcomes[i] = {};
    if (active[i] != 0) all.ids.push_back(static_cast<int>(i));
  }
  std::copy(actions.begin(), actions.end(), all.actions.begin());
  all.StepAll();
  return all.outcomes;
}

std::span<const double> MujocoEnvironment::observation(int64_t i) const {
  simulations_->CheckIndex(i);
  return SimulationBatch::Row(simulations_->observations, i, simulations_->spec.observation_size);
}

const HiddenParameter* MujocoEnvironment::hidden_parameter() const {
  return simulations_->spec.parameter_size > 0 ? this : nullptr;
}

std::span<const double> MujocoEnvironment::parameter(int64_t i) const {
  simulations_->CheckIndex(i);
  return simulations_->parameter(i);
}

}  // namespace longplay
