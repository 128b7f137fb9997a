// SPDX-License-Identifier: MIT
#include "env/plain/plain_environment.h"

#include <utility>

namespace longplay {
namespace {

template <typename T>
std::span<T> RowOf(std::span<T> rows, int64_t i, int64_t size) {
  return rows.subspan(i * size, size);
}

}  // namespace

PlainEnvironment::PlainEnvironment(const EnvironmentSpec& spec, std::unique_ptr<PlainTask> task,
                                   const EnvironmentOptions& options)
    : spec_(spec), task_(std::move(task)), options_(options) {
  CheckOptions(options_);
  // What the task and its arguments say of what is seen and done.
  spec_.observation_size = task_->observation_size(spec.observation_size);
  const bool continuous = spec_.action_space == ActionSpace::kContinuous;
  for (int64_t a = 0; continuous && a < spec_.action_size; ++a) {
    const auto [low, high] = task_->action_range(a);
    spec_.action_low.push_back(low);
    spec_.action_high.push_back(high);
  }
  // Control steps inside, decisions in the spec: the last decision may be cut short.
  longest_ = LongestEpisode(options_, task_->max_episode_steps(spec.max_episode_steps));
  spec_.max_episode_steps = (longest_ + options_.action_repeat - 1) / options_.action_repeat;
  // No simulation has an episode before its first Reset.
  const int64_t B = options_.batch;
  states_.resize(B * task_->state_size());
  parameters_.resize(B * spec_.parameter_size);
  observations_.resize(B * spec_.observation_size);
  steps_.resize(B);
  over_.assign(B, 1);
  outcomes_.resize(B);
}

PlainSimulation PlainEnvironment::simulation(int64_t i) {
  return {.state = RowOf(std::span(states_), i, task_->state_size()), .parameter = parameter(i)};
}

void PlainEnvironment::Observe(int64_t i) {
  task_->Observe(simulation(i), RowOf(std::span(observations_), i, spec_.observation_size));
}

void PlainEnvironment::StartChain(int64_t i, uint64_t seed) {
  CheckSimulation(i, batch());
  RandomGenerator random(seed, RandomGenerator::Stream::kChain);
  task_->DrawParameter(options_.parameters, random,
                       RowOf(std::span(parameters_), i, spec_.parameter_size));
}

void PlainEnvironment::Reset(std::span<const int64_t> simulations,
                             std::span<const uint64_t> seeds) {
  CheckSize("starting episodes: seeds", seeds.size(), static_cast<int64_t>(simulations.size()));
  // Checked before the first one starts: a call that throws changes nothing.
  for (int64_t i : simulations) CheckSimulation(i, batch());
  for (size_t k = 0; k < simulations.size(); ++k) {
    const int64_t i = simulations[k];
    RandomGenerator random(seeds[k], RandomGenerator::Stream::kEpisode);
    task_->Initialize(simulation(i), random);
    Observe(i);
    steps_[i] = over_[i] = 0;
  }
}

StepOutcome PlainEnvironment::StepOne(int64_t i, std::span<const double> action) {
  StepOutcome outcome;
  // A decision: control steps with one action, fewer when the episode ends.
  for (int64_t k = 0; k < options_.action_repeat && !outcome.over(); ++k) {
    const TaskStep step = task_->Step(simulation(i), action);
    outcome.reward += step.reward;
    outcome.terminated = step.terminated;
    outcome.truncated = ++steps_[i] >= longest_;
  }
  Observe(i);
  over_[i] = outcome.over() ? 1 : 0;
  return outcome;
}

const std::vector<StepOutcome>& PlainEnvironment::Step(std::span<const double> actions,
                                                       std::span<const uint8_t> active) {
  CheckStep(spec_, actions, active, over_);
  for (int64_t i = 0; i < batch(); ++i) {
    outcomes_[i] =
        active[i] == 0 ? StepOutcome() : StepOne(i, RowOf(actions, i, spec_.action_columns()));
  }
  return outcomes_;
}

std::span<const double> PlainEnvironment::observation(int64_t i) const {
  CheckSimulation(i, batch());
  return RowOf(std::span(observations_), i, spec_.observation_size);
}

std::span<const double> PlainEnvironment::parameter(int64_t i) const {
  CheckSimulation(i, batch());
  return RowOf(std::span(parameters_), i, spec_.parameter_size);
}

std::vector<EnvironmentEntry> EnvironmentEntries(const std::vector<PlainEntry>& tasks) {
  std::vector<EnvironmentEntry> entries;
  for (const PlainEntry& entry : tasks) {
    const auto make = [make_task = entry.make](const EnvironmentSpec& spec,
                                               TaskArguments& arguments,
                                               const EnvironmentOptions& options) {
      return std::make_unique<PlainEnvironment>(spec, make_task(arguments), options);
    };
    entries.push_back({.spec = entry.spec, .make = make});
  }
  return entries;
}

}  // namespace longplay
