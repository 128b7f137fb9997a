// SPDX-License-Identifier: MIT
#include "env/physics/simulation_batch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "env/physics/apply_batch.h"

namespace longplay {
namespace {

BatchPtr MakeBatch(const mjModel* model, int simulations, int threads) {
  mjBatchConfig config;
  mjb_defaultConfig(&config);
  config.nthread = std::min(threads, simulations);
  // One mjData each: dm_control's step begins with mj_step2, which needs what mj_step1 left in it.
  config.persistent = 1;
  std::array<char, 1024> error = {};
  BatchPtr batch(mjb_makeBatch(model, simulations, &config, error.data(), error.size()));
  if (!batch) throw std::runtime_error(std::string("making a simulator batch: ") + error.data());
  return batch;
}

// MuJoCo resets a simulation that became unusable and leaves one of these counters above zero.
void ClearWarnings(mjData* data) {
  for (mjWarningStat& warning : data->warning) warning.number = 0;
}
bool HasDiverged(const mjData* data) {
  return data->warning[mjWARN_BADQPOS].number > 0 || data->warning[mjWARN_BADQVEL].number > 0 ||
         data->warning[mjWARN_BADQACC].number > 0 || data->warning[mjWARN_BADCTRL].number > 0;
}

bool AllFinite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

constexpr StepOutcome kDiverged = {
    .reward = 0, .terminated = true, .truncated = false, .diverged = true};

}  // namespace

SimulationBatch::SimulationBatch(EnvironmentSpec listed, std::unique_ptr<Task> made,
                                 const EnvironmentOptions& given)
    : task(std::move(made)), spec(std::move(listed)), options(given) {
  CheckOptions(options);
  // Pass 1: what the spec says of actions and length, from the model and the options.
  spec.action_low.clear();
  spec.action_high.clear();
  const mjModel* model = task->model();
  if (model->nu != spec.action_size) {
    throw std::runtime_error("making an environment: " + spec.id + ": expected a model with " +
                             std::to_string(spec.action_size) + " controls, got " +
                             std::to_string(model->nu));
  }
  for (int64_t a = 0; a < spec.action_size; ++a) {
    const auto [low, high] = task->action_range(a);
    spec.action_low.push_back(low);
    spec.action_high.push_back(high);
  }
  const int64_t repeat = options.action_repeat;
  max_task_steps = LongestEpisode(options, task->max_episode_steps(spec.max_episode_steps));
  spec.max_episode_steps = (max_task_steps + repeat - 1) / repeat;

  // Pass 2: simulations, and one starter a thread with the task's reset flags.
  const int64_t count = options.batch;
  batch = MakeBatch(model, static_cast<int>(count), options.threads);
  ModelPtr starter_model(mj_copyModel(nullptr, model));
  starter_model->opt.disableflags |= task->reset_disable_flags();
  const int at_once = mjb_nthread(batch.get());
  starters = MakeBatch(starter_model.get(), at_once, at_once);
  for (int k = 0; k < at_once; ++k) starts.emplace_back(mj_makeData(model));
  fields.emplace(batch.get(), task->model_fields());
  starter_fields.emplace(starters.get(), task->model_fields());

  // Pass 3: rows for every simulation; none has an episode yet.
  actions.resize(count * spec.action_size);
  observations.resize(count * spec.observation_size);
  next_observations.resize(count * spec.observation_size);
  parameters.resize(count * spec.parameter_size);
  task_steps.resize(count);
  over.assign(count, 1);
  outcomes.resize(count);
}

void SimulationBatch::StepOne(const mjModel* model, mjData* data, int64_t i) {
  const Simulation simulation = {model, data, parameter(i), options.float32_actions};
  const auto action = Row(actions, i, spec.action_size);
  StepOutcome& outcome = outcomes[i];
  ClearWarnings(data);
  // A decision: control steps with one action, fewer when the episode ends.
  for (int64_t k = 0; k < options.action_repeat && !outcome.over(); ++k) {
    const TaskStep step = task->Step(simulation, action);
    outcome.reward += step.reward;
    outcome.terminated = step.terminated;
    outcome.truncated = ++task_steps[i] >= max_task_steps;
    outcome.diverged = HasDiverged(data) || !std::isfinite(step.reward);
    outcome.terminated |= outcome.diverged;
  }
  // Observed once at the end. A diverged simulation keeps its last finite observation.
  const auto next = Row(next_observations, i, spec.observation_size);
  if (!outcome.diverged) {
    task->Observe(simulation, next);
    outcome.diverged = !AllFinite(next);
  }
  if (outcome.diverged) {
    outcome = kDiverged;
  } else {
    std::copy(next.begin(), next.end(), Row(observations, i, spec.observation_size).begin());
  }
}

void SimulationBatch::StepAll() {
  const auto step = [](const mjModel* model, mjData* data, int i, void* argument) {
    static_cast<SimulationBatch*>(argument)->StepOne(model, data, i);
  };
  ApplyToBatch(batch.get(), ids.data(), static_cast<int>(ids.size()), step, this, 1);
  // An error of MuJoCo ends that simulation's episode, not the run.
  const int* failed = mjb_status(batch.get());
  for (int i : ids) {
    if (failed[i] != 0) outcomes[i] = kDiverged;
    over[i] = outcomes[i].over() ? 1 : 0;
  }
}

}  // namespace longplay
