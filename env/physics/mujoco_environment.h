// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mujoco.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/environment_facets.h"

namespace longplay {

struct SimulationBatch;
class Task;

/// Many simulations of one of MuJoCo's tasks, stepped together on MuJoCo's thread pool.
class MujocoEnvironment : public Environment,
                          public HiddenParameter,
                          public PhysicsStates,
                          public StateRewards,
                          public Rendering {
 public:
  /// Of `spec` it takes the id, the sizes and the limit [control steps]; options.arguments are the
  /// task's, which knows them already. Throws std::invalid_argument for bad options.
  MujocoEnvironment(const EnvironmentSpec& spec, std::unique_ptr<Task> task,
                    const EnvironmentOptions& options);
  ~MujocoEnvironment() override;

  const EnvironmentSpec& spec() const override;
  int64_t batch() const override;
  void StartChain(int64_t i, uint64_t seed) override;
  using Environment::Reset;
  void Reset(std::span<const int64_t> simulations, std::span<const uint64_t> seeds) override;
  const std::vector<StepOutcome>& Step(std::span<const double> actions,
                                       std::span<const uint8_t> active) override;
  std::span<const double> observation(int64_t i) const override;

  const HiddenParameter* hidden_parameter() const override;  // null where parameter_size is 0
  PhysicsStates* physics_states() override { return this; }
  const StateRewards* state_rewards() const override { return this; }
  const Rendering* rendering() const override { return this; }
  std::unique_ptr<BareSimulations> MakeBareSimulations() override;

  std::span<const double> parameter(int64_t i) const override;

  int64_t position_size() const override { return model()->nq; }
  int64_t velocity_size() const override { return model()->nv; }
  int64_t activation_size() const override { return model()->na; }
  int64_t state_size() const override;
  void GetState(int64_t i, std::span<double> state) const override;
  void SetState(int64_t i, std::span<const double> state, int64_t step) override;
  void SetPositions(int64_t i, std::span<const double> positions,
                    std::span<const double> velocities, int64_t step) override;
  const std::vector<std::string>& model_fields() const override;
  std::span<const double> model_field(int64_t i, const std::string& name) const override;
  void SetModelField(int64_t i, const std::string& name, std::span<const double> values) override;

  std::optional<std::vector<double>> Rewards(std::span<const double> states) const override;

  std::unique_ptr<Camera> MakeCamera(int width, int height) const override;

  const mjModel* model() const;
  int threads() const;  // that step at once, the caller's included
  /// How far derived quantities are up to date after a step.
  mjtStage stage_after_step() const;
  /// Copies simulation i into `data`, made from model(), for a picture; runs mj_forward on it.
  void CopyState(int64_t i, mjData* data) const;

 private:
  void Restore(int64_t i, std::span<const double> state, int64_t step, unsigned int signature);
  std::unique_ptr<SimulationBatch> simulations_;
};

}  // namespace longplay
