// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/environment.h"

namespace longplay {

/// Every first step diverges.
class BreakingEnvironment : public Environment {
 public:
  explicit BreakingEnvironment(int64_t batch) : outcomes_(batch) {
    spec_ = {.id = "breaking",
             .observation_size = 1,
             .action_size = 1,
             .max_episode_steps = 5,
             .action_low = {-1},
             .action_high = {1}};
    for (StepOutcome& outcome : outcomes_) outcome = {.terminated = true, .diverged = true};
  }
  const EnvironmentSpec& spec() const override { return spec_; }
  int64_t batch() const override { return static_cast<int64_t>(outcomes_.size()); }
  void StartChain(int64_t, uint64_t) override {}
  using Environment::Reset;
  void Reset(std::span<const int64_t>, std::span<const uint64_t>) override {}
  const std::vector<StepOutcome>& Step(std::span<const double>, std::span<const uint8_t>) override {
    return outcomes_;
  }
  std::span<const double> observation(int64_t) const override { return {&seen_, 1}; }

 private:
  EnvironmentSpec spec_;
  std::vector<StepOutcome> outcomes_;
  double seen_ = 0.5;
};

}  // namespace longplay
