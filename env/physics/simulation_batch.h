// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "env/environment.h"
#include "env/physics/model_fields.h"
#include "env/physics/mujoco_handles.h"
#include "env/physics/task.h"

namespace longplay {

/// What MujocoEnvironment steps: the simulations of a task and what each has seen and done. It
/// checks no arguments but those that it is made with.
struct SimulationBatch {
  std::unique_ptr<Task> task;
  EnvironmentSpec spec;
  EnvironmentOptions options;
  int64_t max_task_steps = 0;  // [control steps] of an episode
  BatchPtr batch;              // B simulations
  // Simulations with the task's reset flags, one per thread, in which episodes are started where
  // there are such flags, and what they made, to be copied into the batch.
  BatchPtr starters;
  std::vector<DataPtr> starts;
  std::optional<ModelFields> fields, starter_fields;  // of the batch and of the starters

  std::vector<double> actions;            // [B, A] of the running step
  std::vector<double> observations;       // [B, O]
  std::vector<double> next_observations;  // [B, O] may hold what is not finite
  std::vector<double> parameters;         // [B, P]
  std::vector<int64_t> task_steps;        // [B] control steps since the start of the episode
  std::vector<uint8_t> over;              // [B] the episode is over, or was never started
  std::vector<StepOutcome> outcomes;      // [B]
  std::vector<int> ids;                   // simulations of the running step

  /// Throws std::invalid_argument for bad options, std::runtime_error when the model does not fit
  /// the spec or has no room.
  SimulationBatch(EnvironmentSpec spec, std::unique_ptr<Task> task,
                  const EnvironmentOptions& options);

  /// One decision of all `ids`, with the `actions` that are there, on all threads; afterwards
  /// `observations`, `outcomes` and `over` are those of now.
  void StepAll();
  /// The same of simulation i; runs on any thread and touches row i alone.
  void StepOne(const mjModel* model, mjData* data, int64_t i);

  /// Starts an episode in each of these different simulations. simulation_starts.cpp.
  void Start(std::span<const int64_t> simulations, std::span<const uint64_t> seeds);
  /// The same of (simulation, seed), ascending: in the batch itself, or in as many starters at most.
  void StartInPlace(std::span<const std::pair<int, uint64_t>> episodes);
  void StartInStarters(std::span<const std::pair<int, uint64_t>> episodes);
  /// Draws the model fields of simulation i.
  void DrawModel(int64_t i, RandomGenerator& random);
  /// Gives a starter the model fields of simulation i.
  void CopyModel(int64_t i, int starter);

  /// Throws std::invalid_argument when there is no simulation i.
  void CheckIndex(int64_t i) const { CheckSimulation(i, options.batch); }

  std::span<double> parameter(int64_t i) { return Row(parameters, i, spec.parameter_size); }
  static std::span<double> Row(std::vector<double>& rows, int64_t i, int64_t size) {
    return std::span(rows).subspan(i * size, size);
  }
};

}  // namespace longplay
