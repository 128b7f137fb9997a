// SPDX-License-Identifier: MIT
// What the sources of BatchedEnvironment share; no part of its interface.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "env/physics/batched_environment.h"
#include "env/physics/model_fields.h"
#include "env/physics/mujoco_handles.h"
#include "env/physics/task.h"

namespace longplay {

struct BatchedEnvironment::Impl {
  std::unique_ptr<Task> task;
  EnvironmentSpec spec;
  EnvironmentOptions options;
  int64_t max_task_steps = 0;  // [control steps] of an episode
  BatchPtr batch;              // B simulations
  // Simulations with the task's reset flags, one per thread, in which episodes are started, and
  // what they made, to be copied into the batch.
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

  Impl(EnvironmentSpec spec, std::unique_ptr<Task> task, const EnvironmentOptions& options);

  void StepOne(const mjModel* model, mjData* data, int64_t i);
  void DrawModel(int64_t i, int starter, RandomGenerator& random);
  void Start(std::span<const int64_t> simulations, std::span<const uint64_t> seeds);
  void CheckIndex(int64_t i) const;

  std::span<double> parameter(int64_t i) { return Row(parameters, i, spec.parameter_size); }
  static std::span<double> Row(std::vector<double>& rows, int64_t i, int64_t size) {
    return std::span(rows).subspan(i * size, size);
  }
};

/// Throws std::invalid_argument "<what>: expected N values, got M".
void CheckSize(const std::string& what, size_t got, int64_t expected);

}  // namespace longplay
