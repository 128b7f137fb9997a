// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "env/environment_spec.h"
#include "env/physics/step_outcome.h"

namespace longplay {

struct SimulationBatch;
class Task;

/// Many simulations of one task, stepped together on MuJoCo's thread pool.
///
/// Simulations are independent: each is reset on its own, and the same seeds and actions give the
/// same bytes whatever the number of threads or simulations. All units are the task's own.
class BatchedEnvironment {
 public:
  /// Listed tasks are made by their id (env/list/make_listed_environment.h), a user's own by
  /// MakeUserTask (env/user/user_task.h). Of `spec` it takes the id, the sizes and the limit
  /// [control steps]; options.arguments are the task's, which knows them already.
  /// Throws std::invalid_argument for bad options.
  BatchedEnvironment(const EnvironmentSpec& spec, std::unique_ptr<Task> task,
                     const EnvironmentOptions& options);
  ~BatchedEnvironment();
  BatchedEnvironment(BatchedEnvironment&&) noexcept;

  const EnvironmentSpec& spec() const;
  int64_t batch() const;
  int threads() const;  // that step at once, the caller's included

  /// Draws simulation i's hidden parameter from its ParameterSet; nothing for other tasks.
  void StartChain(int64_t i, uint64_t seed);
  /// Starts an episode of simulation i; the hidden parameter stays.
  void Reset(int64_t i, uint64_t seed);
  /// The same for several, at once on all threads. Simulations must differ.
  void Reset(std::span<const int64_t> simulations, std::span<const uint64_t> seeds);

  /// One decision of every simulation with active[i] != 0; the others stay as they are, and their
  /// outcome is all zero. A simulation whose episode is over must be Reset before it steps again.
  ///   actions [B, A], active [B]
  const std::vector<StepOutcome>& Step(std::span<const double> actions,
                                       std::span<const uint8_t> active);

  /// [O] what simulation i sees now: after Reset, or after its last step.
  std::span<const double> observation(int64_t i) const;
  /// [spec().parameter_size] what is hidden, for oracles and reports only.
  std::span<const double> parameter(int64_t i) const;

  const mjModel* model() const;
  /// How far derived quantities are up to date after a step.
  mjtStage stage_after_step() const;
  /// Copies simulation i into `data`, made from model(), for rendering; runs mj_forward on it.
  void CopyState(int64_t i, mjData* data) const;
  /// Full physics state of simulation i (mjSTATE_INTEGRATION), for fixtures and replay.
  void GetState(int64_t i, std::span<double> state) const;
  /// Sets it so that the next step continues exactly (set, forward, set again: the warm start
  /// survives) and restarts the episode's clock at `step`.
  void SetState(int64_t i, std::span<const double> state, int64_t step);
  /// The same from joint positions [nq] and velocities [nv] alone; the rest is as after a reset.
  void SetPositions(int64_t i, std::span<const double> positions,
                    std::span<const double> velocities, int64_t step);

  /// Rewards of recorded states, as ExoRL's relabelling has them: each after a reset, with no
  /// controls and no actuation. All threads work.
  ///   states  [M, nq + nv + na] joint positions, velocities, activations
  ///   returns [M], or nothing when the task's reward needs more than a state: what happened
  ///           before, or a target drawn for the episode
  /// Throws std::invalid_argument when the states' size does not fit the model.
  std::optional<std::vector<double>> StateRewards(std::span<const double> states) const;

  /// Fields of mjModel that the task draws anew for each episode (targets), in no state vector.
  const std::vector<std::string>& model_fields() const;
  std::span<const double> model_field(int64_t i, const std::string& name) const;
  /// Call it before SetState or SetPositions.
  void SetModelField(int64_t i, const std::string& name, std::span<const double> values);

 private:
  void Restore(int64_t i, std::span<const double> state, int64_t step, unsigned int signature);
  std::unique_ptr<SimulationBatch> simulations_;
};

}  // namespace longplay
