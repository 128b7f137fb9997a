// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "env/environment.h"
#include "env/plain/plain_task.h"

namespace longplay {

/// Many simulations of one task without a simulator. They step one after another on the caller's
/// thread: a step of such a task is quicker than waking another.
class PlainEnvironment : public Environment, public HiddenParameter {
 public:
  /// options.arguments are the task's, which knows them already. Throws std::invalid_argument for
  /// bad options.
  PlainEnvironment(const EnvironmentSpec& spec, std::unique_ptr<PlainTask> task,
                   const EnvironmentOptions& options);

  const EnvironmentSpec& spec() const override { return spec_; }
  int64_t batch() const override { return options_.batch; }
  void StartChain(int64_t i, uint64_t seed) override;
  using Environment::Reset;
  void Reset(std::span<const int64_t> simulations, std::span<const uint64_t> seeds) override;
  const std::vector<StepOutcome>& Step(std::span<const double> actions,
                                       std::span<const uint8_t> active) override;
  std::span<const double> observation(int64_t i) const override;

  const HiddenParameter* hidden_parameter() const override {
    return spec_.parameter_size > 0 ? this : nullptr;
  }
  std::span<const double> parameter(int64_t i) const override;

 private:
  PlainSimulation simulation(int64_t i);
  void Observe(int64_t i);
  StepOutcome StepOne(int64_t i, std::span<const double> action);

  EnvironmentSpec spec_;
  std::unique_ptr<PlainTask> task_;
  EnvironmentOptions options_;
  int64_t longest_;                    // [control steps] of an episode
  std::vector<double> states_;         // [B, S]
  std::vector<double> parameters_;     // [B, P]
  std::vector<double> observations_;   // [B, O]
  std::vector<int64_t> steps_;         // [B] control steps since the start of the episode
  std::vector<uint8_t> over_;          // [B] the episode is over, or was never started
  std::vector<StepOutcome> outcomes_;  // [B]
};

}  // namespace longplay
