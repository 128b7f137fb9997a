// SPDX-License-Identifier: MIT
// The part of env/physics/mujoco_environment.h that gets, sets and judges physics states.
#include <algorithm>
#include <stdexcept>

#include "env/physics/apply_batch.h"
#include "env/physics/mujoco_environment.h"
#include "env/physics/simulation_batch.h"

namespace longplay {
namespace {

// Makes the state current in every field that a following step may read, warm start included.
void RestoreState(const mjModel* model, mjData* data, const double* state, unsigned int signature) {
  mj_resetData(model, data);
  mj_setState(model, data, state, signature);
  // mj_forward makes derived fields and overwrites the warm start, which is therefore set again.
  mj_forward(model, data);
  mj_setState(model, data, state, signature);
}

}  // namespace

void MujocoEnvironment::CopyState(int64_t i, mjData* data) const {
  simulations_->CheckIndex(i);
  const int id = static_cast<int>(i);
  // With its own model, which may differ from the batch's in the fields that the task draws.
  ModelPtr own(mj_copyModel(nullptr, model()));
  mjb_getModel(simulations_->batch.get(), id, own.get());
  mjb_getData(simulations_->batch.get(), id, data);
  mj_forward(own.get(), data);
  simulations_->task->Decorate({own.get(), data, simulations_->parameter(i)});
}

int64_t MujocoEnvironment::state_size() const { return mjb_nstate(simulations_->batch.get()); }

void MujocoEnvironment::GetState(int64_t i, std::span<double> state) const {
  simulations_->CheckIndex(i);
  const int64_t size = state_size();
  CheckSize("reading a simulation's state", state.size(), size);
  std::copy_n(mjb_state(simulations_->batch.get()) + i * size, size, state.begin());
}

void MujocoEnvironment::SetState(int64_t i, std::span<const double> state, int64_t step) {
  CheckSize("setting a simulation's state", state.size(), state_size());
  Restore(i, state, step, mjSTATE_INTEGRATION);
}

void MujocoEnvironment::SetPositions(int64_t i, std::span<const double> positions,
                                     std::span<const double> velocities, int64_t step) {
  CheckSize("setting a simulation's positions", positions.size(), model()->nq);
  CheckSize("setting a simulation's velocities", velocities.size(), model()->nv);
  std::vector<double> state(positions.begin(), positions.end());
  state.insert(state.end(), velocities.begin(), velocities.end());
  Restore(i, state, step, mjSTATE_QPOS | mjSTATE_QVEL);
}

void MujocoEnvironment::Restore(int64_t i, std::span<const double> state, int64_t step,
                                unsigned int signature) {
  simulations_->CheckIndex(i);
  struct Call {
    SimulationBatch* all;
    const double* state;
    unsigned int signature;
  } call = {simulations_.get(), state.data(), signature};
  // In the batch, so that its own mjData is what the next step goes on from.
  const auto restore = [](const mjModel* model, mjData* data, int sim, void* argument) {
    const auto& [all, values, parts] = *static_cast<Call*>(argument);
    RestoreState(model, data, values, parts);
    all->task->Observe({model, data, all->parameter(sim)},
                       SimulationBatch::Row(all->observations, sim, all->spec.observation_size));
  };
  const int id = static_cast<int>(i);
  if (ApplyToBatch(simulations_->batch.get(), &id, 1, restore, &call, 1) != 0) {
    throw std::runtime_error("setting a simulation's state: " + simulations_->spec.id + ": " +
                             mjb_error(simulations_->batch.get(), id));
  }
  // Decisions become control steps; the episode runs.
  simulations_->task_steps[i] = step * simulations_->options.action_repeat;
  simulations_->over[i] = 0;
}

std::optional<std::vector<double>> MujocoEnvironment::Rewards(
    std::span<const double> states) const {
  const mjModel& m = *model();
  const size_t width = m.nq + m.nv + m.na, count = states.size() / width;
  if (states.size() != count * width) {
    throw std::invalid_argument("relabelling: " + spec().id + ": expected states of " +
                                std::to_string(width) + " numbers, got " +
                                std::to_string(states.size()) + " numbers in all");
  }
  // A drawn target is not part of a recorded state.
  if (!model_fields().empty()) return {};
  struct Call {
    const SimulationBatch* all;
    std::span<const double> states;
    size_t width, per_starter;
    std::vector<double> rewards;
    std::vector<uint8_t> known;
  };
  // Every starter judges a share of the states, on its own thread.
  const size_t at_once = simulations_->starts.size();
  Call call{simulations_.get(),
            states,
            width,
            (count + at_once - 1) / at_once,
            std::vector<double>(count),
            std::vector<uint8_t>(count, 0)};
  const auto judge = [](const mjModel* model, mjData* data, int k, void* argument) {
    auto& [all, given, size, share, rewards, known] = *static_cast<Call*>(argument);
    const size_t end = std::min(rewards.size(), (static_cast<size_t>(k) + 1) * share);
    for (size_t i = static_cast<size_t>(k) * share; i < end; ++i) {
      const double* state = given.data() + i * size;
      mj_resetData(model, data);
      std::copy_n(state, model->nq, data->qpos);
      std::copy_n(state + model->nq, model->nv, data->qvel);
      std::copy_n(state + model->nq + model->nv, model->na, data->act);
      mj_forward(model, data);
      const std::optional<double> reward = all->task->StateReward({model, data, {}});
      rewards[i] = reward.value_or(0);
      known[i] = reward ? 1 : 0;
    }
  };
  if (ApplyToBatch(simulations_->starters.get(), nullptr, static_cast<int>(at_once), judge, &call,
                   0) != 0) {
    throw std::runtime_error("relabelling: " + spec().id + ": " +
                             mjb_error(simulations_->starters.get(), 0));
  }
  // A task without rewards of a state knows none of them.
  if (std::ranges::count(call.known, 0) > 0) return {};
  return std::move(call.rewards);
}

const std::vector<std::string>& MujocoEnvironment::model_fields() const {
  return simulations_->fields->names();
}

std::span<const double> MujocoEnvironment::model_field(int64_t i, const std::string& name) const {
  simulations_->CheckIndex(i);
  return simulations_->fields->row(simulations_->fields->Index(name), i);
}

void MujocoEnvironment::SetModelField(int64_t i, const std::string& name,
                                      std::span<const double> values) {
  simulations_->CheckIndex(i);
  const auto row = simulations_->fields->row(simulations_->fields->Index(name), i);
  CheckSize("setting a model field: " + name, values.size(), static_cast<int64_t>(row.size()));
  std::ranges::copy(values, row.begin());
  if (!simulations_->task->model_constants_change()) return;
  const int id = static_cast<int>(i);
  // Masses and such: what follows from them is computed anew.
  mjb_setConst(simulations_->batch.get(), &id, 1);
}

}  // namespace longplay
