// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/list/list_environments.h"
#include "env/list/make_listed_environment.h"
#include "runtime/c_call.h"
#include "runtime/environments/longplay_environments.h"
#include "runtime/environments/spec_text.h"

struct longplay_environments {
  std::unique_ptr<longplay::Environment> environment;
  std::string spec;              // JSON
  std::vector<double> actions;   // [B, action_columns]
  std::vector<uint8_t> active;   // [B]
  std::vector<int64_t> numbers;  // [B] 0, 1, ...
};

namespace longplay {
namespace {

thread_local std::string last_error;

template <typename Body>
int Call(const Body& body) {
  return CCall(last_error, body);
}

longplay_environments& Checked(longplay_environments* environments) {
  RequirePointer(environments, "using environments", "environments");
  return *environments;
}

EnvironmentOptions ToOptions(const longplay_environments_options& from) {
  return {.batch = from.batch,
          .action_repeat = from.action_repeat,
          .max_episode_steps = from.max_episode_steps,
          .threads = from.threads,
          .parameters = from.held_out != 0 ? ParameterSet::kHeldOut : ParameterSet::kTraining,
          .float32_actions = from.float32_actions != 0};
}

/// What the caller's struct holds, which may be of another version.
longplay_environments_options Known(const longplay_environments_options* given) {
  longplay_environments_options options = longplay_environments_defaults();
  if (given == nullptr) return options;
  if (given->size < sizeof(size_t) || given->size > sizeof(options)) {
    throw std::invalid_argument(
        "making an environment: options.size: expected at most " + std::to_string(sizeof(options)) +
        ", of the header that came with this library, got " + std::to_string(given->size));
  }
  std::memcpy(&options, given, given->size);
  return options;
}

template <typename From>
void ToDoubles(const void* from, std::vector<double>& to) {
  const auto* values = static_cast<const From*>(from);
  std::transform(values, values + to.size(), to.begin(),
                 [](From value) { return static_cast<double>(value); });
}

/// The caller's actions, in the library's memory.
void ReadActions(const void* actions, int type, std::vector<double>& to) {
  RequirePointer(actions, "stepping an environment", "actions");
  switch (type) {
    case LONGPLAY_ENVIRONMENTS_FLOAT32:
      return ToDoubles<float>(actions, to);
    case LONGPLAY_ENVIRONMENTS_FLOAT64:
      return ToDoubles<double>(actions, to);
    case LONGPLAY_ENVIRONMENTS_INT64:
      return ToDoubles<int64_t>(actions, to);
    default:
      break;
  }
  throw std::invalid_argument(
      "stepping an environment: actions_type: expected LONGPLAY_ENVIRONMENTS_FLOAT32, _FLOAT64 or "
      "_INT64, got " +
      std::to_string(type));
}

template <typename To>
void CopyObservations(const Environment& environment, void* to) {
  auto* place = static_cast<To*>(to);
  for (int64_t i = 0; i < environment.batch(); ++i) {
    for (const double value : environment.observation(i)) *place++ = static_cast<To>(value);
  }
}

void WriteObservations(const Environment& environment, void* to, int type) {
  if (type == LONGPLAY_ENVIRONMENTS_FLOAT64) return CopyObservations<double>(environment, to);
  if (type == LONGPLAY_ENVIRONMENTS_FLOAT32) return CopyObservations<float>(environment, to);
  throw std::invalid_argument(
      "observing environments: observations_type: expected LONGPLAY_ENVIRONMENTS_FLOAT32 or "
      "_FLOAT64, got " +
      std::to_string(type));
}

void WriteOutcomes(const std::vector<StepOutcome>& outcomes,
                   const longplay_environments_outcome& to) {
  for (size_t i = 0; i < outcomes.size(); ++i) {
    if (to.rewards != nullptr) to.rewards[i] = outcomes[i].reward;
    if (to.terminated != nullptr) to.terminated[i] = outcomes[i].terminated ? 1 : 0;
    if (to.truncated != nullptr) to.truncated[i] = outcomes[i].truncated ? 1 : 0;
    if (to.diverged != nullptr) to.diverged[i] = outcomes[i].diverged ? 1 : 0;
  }
}

/// Which simulations a call is about: the caller's, or all.
std::span<const int64_t> Simulations(const longplay_environments& environments,
                                     const int64_t* simulations, const uint64_t* seeds,
                                     int64_t count) {
  const auto batch = static_cast<int64_t>(environments.numbers.size());
  if (count < 0 || count > batch || (simulations == nullptr && count != batch)) {
    throw std::invalid_argument("resetting environments: count: expected " +
                                std::string(simulations == nullptr ? "" : "0 to ") +
                                std::to_string(batch) + ", got " + std::to_string(count));
  }
  if (count > 0) RequirePointer(seeds, "resetting environments", "seeds");
  if (simulations == nullptr) return environments.numbers;
  return {simulations, static_cast<size_t>(count)};
}

PhysicsStates& Physics(longplay_environments* environments) {
  Environment& environment = *Checked(environments).environment;
  if (PhysicsStates* states = environment.physics_states(); states != nullptr) return *states;
  throw std::invalid_argument("reading positions: " + environment.spec().id +
                              ": expected a task with a simulator");
}

void RequireSimulation(const longplay_environments* environments, int64_t simulation) {
  CheckSimulation(simulation, environments->environment->batch());
}

}  // namespace
}  // namespace longplay

using namespace longplay;  // NOLINT(google-build-using-namespace): this file is the edge

longplay_environments_options longplay_environments_defaults(void) {
  return {.size = sizeof(longplay_environments_options),
          .batch = 1,
          .action_repeat = 1,
          .max_episode_steps = 0,
          .threads = 0,
          .held_out = 0,
          .float32_actions = 0};
}

int longplay_environments_version(void) { return LONGPLAY_ENVIRONMENTS_VERSION; }

const char* longplay_environments_error(void) { return last_error.c_str(); }

const char* longplay_environments_list(void) {
  const char* text = nullptr;
  Call([&text] {
    static const std::string kList = ListText(ListEnvironments());
    text = kList.c_str();
  });
  return text;
}

int longplay_environments_make(const char* id, const longplay_environments_options* options,
                               longplay_environments** environments) {
  return Call([&] {
    RequirePointer(id, "making an environment", "an id");
    RequirePointer(environments, "making an environment", "a place for it");
    *environments = nullptr;
    auto made = std::make_unique<longplay_environments>();
    made->environment = MakeListedEnvironment(id, ToOptions(Known(options)));
    const int64_t batch = made->environment->batch();
    made->spec = SpecText(*made->environment);
    made->actions.resize(batch * made->environment->spec().action_columns());
    made->active.assign(batch, 1);
    made->numbers.resize(batch);
    for (int64_t i = 0; i < batch; ++i) made->numbers[i] = i;
    *environments = made.release();
  });
}

void longplay_environments_close(longplay_environments* environments) {
  const std::unique_ptr<longplay_environments> owned(environments);
}

const char* longplay_environments_spec(const longplay_environments* environments) {
  return environments == nullptr ? nullptr : environments->spec.c_str();
}

int longplay_environments_start_chains(longplay_environments* environments,
                                       const int64_t* simulations, const uint64_t* seeds,
                                       int64_t count) {
  return Call([&] {
    const auto which = Simulations(Checked(environments), simulations, seeds, count);
    for (const int64_t i : which) RequireSimulation(environments, i);
    for (size_t k = 0; k < which.size(); ++k) {
      environments->environment->StartChain(which[k], seeds[k]);
    }
  });
}

int longplay_environments_reset(longplay_environments* environments, const int64_t* simulations,
                                const uint64_t* seeds, int64_t count) {
  return Call([&] {
    const auto which = Simulations(Checked(environments), simulations, seeds, count);
    if (which.empty()) return;
    environments->environment->Reset(which, {seeds, which.size()});
  });
}

int longplay_environments_step(longplay_environments* environments, const void* actions,
                               int actions_type, const uint8_t* active,
                               const longplay_environments_outcome* outcome) {
  return Call([&] {
    longplay_environments& all = Checked(environments);
    RequirePointer(outcome, "stepping an environment", "a place for the outcome");
    ReadActions(actions, actions_type, all.actions);
    const size_t batch = all.numbers.size();
    const std::span<const uint8_t> which =
        active == nullptr ? std::span<const uint8_t>(all.active) : std::span(active, batch);
    WriteOutcomes(all.environment->Step(all.actions, which), *outcome);
    if (outcome->observations != nullptr) {
      WriteObservations(*all.environment, outcome->observations, outcome->observations_type);
    }
  });
}

int longplay_environments_observe(const longplay_environments* environments, void* observations,
                                  int type) {
  return Call([&] {
    RequirePointer(environments, "observing environments", "environments");
    RequirePointer(observations, "observing environments", "a place for observations");
    WriteObservations(*environments->environment, observations, type);
  });
}

int longplay_environments_parameter(const longplay_environments* environments, int64_t simulation,
                                    double* parameter) {
  return Call([&] {
    RequirePointer(environments, "reading a hidden parameter", "environments");
    RequirePointer(parameter, "reading a hidden parameter", "a place for it");
    RequireSimulation(environments, simulation);
    const HiddenParameter* hidden = environments->environment->hidden_parameter();
    if (hidden == nullptr) {
      throw std::invalid_argument(
          "reading a hidden parameter: " + environments->environment->spec().id + ": it has none");
    }
    std::ranges::copy(hidden->parameter(simulation), parameter);
  });
}

int longplay_environments_get_positions(longplay_environments* environments, int64_t simulation,
                                        double* positions, double* velocities) {
  return Call([&] {
    const PhysicsStates& states = Physics(environments);
    RequirePointer(positions, "reading positions", "a place for positions");
    RequirePointer(velocities, "reading positions", "a place for velocities");
    RequireSimulation(environments, simulation);
    std::vector<double> state(states.state_size());
    states.GetState(simulation, state);
    // A full state begins with the time; positions and velocities follow.
    const auto velocity = state.begin() + 1 + states.position_size();
    std::copy(state.begin() + 1, velocity, positions);
    std::copy_n(velocity, states.velocity_size(), velocities);
  });
}

int longplay_environments_set_positions(longplay_environments* environments, int64_t simulation,
                                        const double* positions, const double* velocities,
                                        int64_t step) {
  return Call([&] {
    PhysicsStates& states = Physics(environments);
    RequirePointer(positions, "setting positions", "positions");
    RequirePointer(velocities, "setting positions", "velocities");
    RequireSimulation(environments, simulation);
    states.SetPositions(simulation, {positions, static_cast<size_t>(states.position_size())},
                        {velocities, static_cast<size_t>(states.velocity_size())}, step);
  });
}
