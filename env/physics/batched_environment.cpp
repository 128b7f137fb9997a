// SPDX-License-Identifier: MIT
#include "env/physics/batched_environment.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "env/environment_id.h"
#include "env/physics/batched_environment_impl.h"
#include "env/physics/mujoco_log.h"
#include "env/physics/task_list.h"

namespace longplay {
namespace {

void Check(bool valid, const std::string& field, const std::string& expected, int64_t got) {
  if (valid) return;
  throw std::invalid_argument("making an environment: " + field + ": expected " + expected +
                              ", got " + std::to_string(got));
}

void CheckOptions(const EnvironmentOptions& options) {
  Check(options.batch >= 1, "batch", "at least 1", options.batch);
  Check(options.action_repeat >= 1, "action_repeat", "at least 1", options.action_repeat);
  Check(options.max_episode_steps >= 0, "max_episode_steps", "0 (the task's own) or more",
        options.max_episode_steps);
  Check(options.threads >= 0, "threads", "0 (one per logical CPU) or more", options.threads);
}

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

BatchPtr MakeBatch(const mjModel* model, int simulations, int threads) {
  mjBatchConfig config;
  mjb_defaultConfig(&config);
  config.nthread = std::min(threads, simulations);
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

BatchedEnvironment::Impl::Impl(EnvironmentSpec listed, std::unique_ptr<Task> made,
                               const EnvironmentOptions& given)
    : task(std::move(made)), spec(std::move(listed)), options(given) {
  CheckOptions(options);
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
  max_task_steps = options.max_episode_steps > 0 ? options.max_episode_steps * repeat
                                                 : task->max_episode_steps(spec.max_episode_steps);
  spec.max_episode_steps = (max_task_steps + repeat - 1) / repeat;

  const int64_t count = options.batch;
  batch = MakeBatch(model, static_cast<int>(count), options.threads);
  ModelPtr starter_model(mj_copyModel(nullptr, model));
  starter_model->opt.disableflags |= task->reset_disable_flags();
  const int at_once = mjb_nthread(batch.get());
  starters = MakeBatch(starter_model.get(), at_once, at_once);
  for (int k = 0; k < at_once; ++k) starts.emplace_back(mj_makeData(model));
  fields.emplace(batch.get(), task->model_fields());
  starter_fields.emplace(starters.get(), task->model_fields());

  actions.resize(count * spec.action_size);
  observations.resize(count * spec.observation_size);
  next_observations.resize(count * spec.observation_size);
  parameters.resize(count * spec.parameter_size);
  task_steps.resize(count);
  over.assign(count, 1);
  outcomes.resize(count);
}

void BatchedEnvironment::Impl::CheckIndex(int64_t i) const {
  if (i >= 0 && i < options.batch) return;
  throw std::invalid_argument("using an environment: simulation: expected 0 ... " +
                              std::to_string(options.batch - 1) + ", got " + std::to_string(i));
}

// One decision of simulation i; runs on any thread and touches row i alone.
void BatchedEnvironment::Impl::StepOne(const mjModel* model, mjData* data, int64_t i) {
  const Simulation simulation = {model, data, parameter(i), options.float32_actions};
  const auto action = Row(actions, i, spec.action_size);
  StepOutcome& outcome = outcomes[i];
  ClearWarnings(data);
  for (int64_t k = 0; k < options.action_repeat && !outcome.over(); ++k) {
    const TaskStep step = task->Step(simulation, action);
    outcome.reward += step.reward;
    outcome.terminated = step.terminated;
    outcome.truncated = ++task_steps[i] >= max_task_steps;
    outcome.diverged = HasDiverged(data) || !std::isfinite(step.reward);
    outcome.terminated |= outcome.diverged;
  }
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

void BatchedEnvironment::Impl::DrawModel(int64_t i, int starter, RandomGenerator& random) {
  if (fields->empty()) return;
  fields->Restore(i);
  task->WriteModel(parameter(i), random, fields->rows(i));
  for (size_t k = 0; k < fields->names().size(); ++k) {
    std::ranges::copy(fields->row(k, i), starter_fields->row(k, starter).begin());
  }
  if (!task->model_constants_change()) return;
  const int id = static_cast<int>(i);
  mjb_setConst(batch.get(), &id, 1);
  mjb_setConst(starters.get(), &starter, 1);
}

// Starts at most as many episodes as there are starters, each in its own.
void BatchedEnvironment::Impl::Start(std::span<const int64_t> simulations,
                                     std::span<const uint64_t> seeds) {
  struct Call {
    Impl* impl;
    std::span<const int64_t> simulations;
    std::vector<RandomGenerator> randoms;
  } call = {this, simulations, {}};
  std::vector<int> used, targets;
  for (size_t k = 0; k < simulations.size(); ++k) {
    call.randoms.emplace_back(seeds[k], RandomGenerator::Stream::kEpisode);
    used.push_back(static_cast<int>(k));
    targets.push_back(static_cast<int>(simulations[k]));
    DrawModel(simulations[k], used.back(), call.randoms.back());
  }
  const auto begin = [](const mjModel* model, mjData* data, int k, void* argument) {
    auto& [impl, ids, randoms] = *static_cast<Call*>(argument);
    mj_resetData(model, data);
    const Simulation simulation = {model, data, impl->parameter(ids[k])};
    impl->task->Initialize(simulation, randoms[k]);
    impl->task->Observe(simulation, Row(impl->observations, ids[k], impl->spec.observation_size));
    mj_copyData(impl->starts[k].get(), model, data);
  };
  const auto copy = [](const mjModel* model, mjData* data, int i, void* argument) {
    const auto& [impl, ids, randoms] = *static_cast<Call*>(argument);
    const auto k = std::ranges::find(ids, i) - ids.begin();
    mj_copyData(data, model, impl->starts[k].get());
  };
  const int count = static_cast<int>(used.size());
  if (mjb_apply(starters.get(), used.data(), count, begin, &call, 0) != 0) {
    std::string problem;
    for (int k : used) {
      if (mjb_status(starters.get())[k] != 0) problem = mjb_error(starters.get(), k);
    }
    throw std::runtime_error("starting an episode: " + spec.id + ": " + problem);
  }
  mjb_apply(batch.get(), targets.data(), count, copy, &call, 1);
  for (int64_t i : simulations) task_steps[i] = over[i] = 0;
}

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
  impl_ = std::make_unique<Impl>(std::move(spec), std::move(task), options);
}

BatchedEnvironment::BatchedEnvironment(const EnvironmentSpec& spec, std::unique_ptr<Task> task,
                                       const EnvironmentOptions& options)
    : impl_(std::make_unique<Impl>(spec, std::move(task), options)) {}
BatchedEnvironment::~BatchedEnvironment() = default;
BatchedEnvironment::BatchedEnvironment(BatchedEnvironment&&) noexcept = default;

const EnvironmentSpec& BatchedEnvironment::spec() const { return impl_->spec; }
int64_t BatchedEnvironment::batch() const { return impl_->options.batch; }
int BatchedEnvironment::threads() const { return mjb_nthread(impl_->batch.get()); }
const mjModel* BatchedEnvironment::model() const { return impl_->task->model(); }
mjtStage BatchedEnvironment::stage_after_step() const { return impl_->task->stage_after_step(); }

void BatchedEnvironment::StartChain(int64_t i, uint64_t seed) {
  impl_->CheckIndex(i);
  RandomGenerator random(seed, RandomGenerator::Stream::kChain);
  impl_->task->DrawParameter(impl_->options.parameters, random, impl_->parameter(i));
}

void BatchedEnvironment::Reset(int64_t i, uint64_t seed) { Reset({&i, 1}, {&seed, 1}); }

void BatchedEnvironment::Reset(std::span<const int64_t> simulations,
                               std::span<const uint64_t> seeds) {
  CheckSize("starting episodes: seeds", seeds.size(), static_cast<int64_t>(simulations.size()));
  for (int64_t i : simulations) impl_->CheckIndex(i);
  const size_t at_once = impl_->starts.size();
  for (size_t k = 0; k < simulations.size(); k += at_once) {
    const size_t count = std::min(at_once, simulations.size() - k);
    impl_->Start(simulations.subspan(k, count), seeds.subspan(k, count));
  }
}

const std::vector<StepOutcome>& BatchedEnvironment::Step(std::span<const double> actions,
                                                         std::span<const uint8_t> active) {
  Impl& impl = *impl_;
  const size_t count = impl.outcomes.size();
  if (actions.size() != impl.actions.size() || active.size() != count) {
    throw std::invalid_argument(
        "stepping an environment: actions and active: expected " +
        std::to_string(impl.actions.size()) + " and " + std::to_string(count) + " values, got " +
        std::to_string(actions.size()) + " and " + std::to_string(active.size()));
  }
  impl.ids.clear();
  for (size_t i = 0; i < count; ++i) {
    impl.outcomes[i] = {};
    if (active[i] == 0) continue;
    if (impl.over[i] != 0) {
      throw std::invalid_argument("stepping an environment: simulation " + std::to_string(i) +
                                  ": expected a running episode, got one that is over; call Reset");
    }
    impl.ids.push_back(static_cast<int>(i));
  }
  std::copy(actions.begin(), actions.end(), impl.actions.begin());

  const auto step = [](const mjModel* model, mjData* data, int i, void* argument) {
    static_cast<Impl*>(argument)->StepOne(model, data, i);
  };
  mjBatch* batch = impl.batch.get();
  mjb_apply(batch, impl.ids.data(), static_cast<int>(impl.ids.size()), step, &impl, 1);
  const int* failed = mjb_status(batch);
  for (int i : impl.ids) {
    if (failed[i] != 0) impl.outcomes[i] = kDiverged;
    impl.over[i] = impl.outcomes[i].over() ? 1 : 0;
  }
  return impl.outcomes;
}

std::span<const double> BatchedEnvironment::observation(int64_t i) const {
  impl_->CheckIndex(i);
  return Impl::Row(impl_->observations, i, impl_->spec.observation_size);
}

std::span<const double> BatchedEnvironment::parameter(int64_t i) const {
  impl_->CheckIndex(i);
  return impl_->parameter(i);
}

std::vector<EnvironmentSpec> ListEnvironments() {
  std::vector<EnvironmentSpec> specs;
  for (const TaskEntry& task : AllTasks()) specs.push_back(MakeSpec(task));
  return specs;
}

}  // namespace longplay
