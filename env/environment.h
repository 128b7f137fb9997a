// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "env/environment_facets.h"
#include "env/environment_spec.h"

namespace longplay {

/// What one step did to one simulation.
struct StepOutcome {
  double reward = 0;
  bool terminated = false;  // the task ended the episode
  bool truncated = false;   // the time limit did
  bool diverged = false;    // the simulation became unusable; terminated is set too
  bool over() const { return terminated || truncated; }
};

/// What one control step of a task gave.
struct TaskStep {
  double reward = 0;
  bool terminated = false;
};

/// B simulations of one task, stepped together.
///
/// Simulations are independent: each is reset on its own, and the same seeds and actions give the
/// same bytes whatever the number of threads or simulations. All units are the task's own.
/// What only some environments have is asked for (env/environment_facets.h) and null in others.
/// Siblings: MuJoCo's batch (env/physics) and tasks without a simulator (env/plain); listed ones
/// are made by MakeListedEnvironment (env/list/make_listed_environment.h):
///
///   environment->StartChain(0, seed);
///   environment->Reset(0, seed);
///   while (!environment->Step(actions, active)[0].over()) Look(environment->observation(0));
///
/// One thread at a time may call it.
class Environment {
 public:
  Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  virtual ~Environment() = default;

  virtual const EnvironmentSpec& spec() const = 0;
  virtual int64_t batch() const = 0;  // B

  /// Draws simulation i's hidden parameter from its ParameterSet; nothing for other tasks.
  virtual void StartChain(int64_t i, uint64_t seed) = 0;
  /// Starts episodes, on all threads; hidden parameters stay. Simulations must differ; one seed for
  /// each. Throws std::invalid_argument when there is no such simulation.
  virtual void Reset(std::span<const int64_t> simulations, std::span<const uint64_t> seeds) = 0;
  void Reset(int64_t i, uint64_t seed) { Reset({&i, 1}, {&seed, 1}); }

  /// One decision of every simulation with active[i] != 0; the others stay as they are, and their
  /// outcome is all zero. A simulation whose episode is over must be Reset before it steps again.
  ///   actions  [B, spec().action_columns()] A numbers each, or the number of one choice
  ///   active   [B]
  ///   returns  [B], valid until the next step
  /// Throws std::invalid_argument for other sizes, an episode that is over, or no such choice.
  virtual const std::vector<StepOutcome>& Step(std::span<const double> actions,
                                               std::span<const uint8_t> active) = 0;

  /// [O] what simulation i sees now: after Reset, or after its last step.
  virtual std::span<const double> observation(int64_t i) const = 0;

  // Facets; they live as long as the environment.
  virtual const HiddenParameter* hidden_parameter() const { return nullptr; }
  virtual PhysicsStates* physics_states() { return nullptr; }
  virtual const StateRewards* state_rewards() const { return nullptr; }
  virtual const Rendering* rendering() const { return nullptr; }
  /// The simulator alone, to compare speeds with. Takes a step of this one, which must be running.
  virtual std::unique_ptr<BareSimulations> MakeBareSimulations() { return nullptr; }
};

}  // namespace longplay
