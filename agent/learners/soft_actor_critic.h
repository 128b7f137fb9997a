// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "agent/files/safetensors.h"
#include "agent/learners/flat_adam.h"
#include "agent/learners/replay_buffer.h"
#include "agent/learners/stacked_mlp.h"

namespace longplay {

struct SoftActorCriticOptions {
  int64_t hidden = 128;         // units in each hidden layer
  int64_t critic_layers = 2;    // hidden ones of the critics; the actor has two
  double learning_rate = 1e-3;  // of actor, critics and temperature
  double discount = 0.99;       // per decision
  double target_rate = 0.01;    // share of the critics that the target takes over per update
  double first_temperature = 0.1;
  bool learns_temperature = true;  // false: it stays the first one
};

/// Actions in [-1, 1] and the logarithm of their density.
struct SampledActions {
  torch::Tensor actions;          // [B, A] float32
  torch::Tensor log_probability;  // [B] float32
};

/// tanh of a Gaussian. `output` [B, 2 A] holds the means and, mapped into [-5, 2], the log stds.
SampledActions SampleTanhGaussian(const torch::Tensor& output, const at::Generator& generator);
/// The same with the standard normal `noise` [B, A] that is given.
SampledActions TanhGaussianAt(const torch::Tensor& output, const torch::Tensor& noise);

/// Soft actor-critic with twin critics and a learned temperature (target entropy -A).
/// The same seed gives the same bytes; nothing is shared with other learners.
/// Source: arXiv 1812.05905, algorithm 1.
class SoftActorCritic {
 public:
  SoftActorCritic(int64_t observation_size, int64_t action_size,
                  const SoftActorCriticOptions& options, uint64_t seed);

  /// observations [B, O] float32 → [B, A] float32 in [-1, 1], drawn from the actor.
  torch::Tensor Act(const torch::Tensor& observations);
  /// The same with standard normal `noise` [B, A] float32 that the caller drew.
  torch::Tensor Act(const torch::Tensor& observations, const torch::Tensor& noise) const;

  /// One step of the critics, the actor, the temperature and the target.
  void Update(const TransitionBatch& batch);

  /// [B] what the critics are trained towards: reward + discount * continues * soft value.
  torch::Tensor Targets(const TransitionBatch& batch);

  double temperature() const;
  const at::Generator& generator() const { return generator_; }

  /// Everything that goes on learning bit for bit: networks, optimisers, the state of chance.
  TensorMap state();
  /// Throws std::runtime_error when a tensor is missing or of another size.
  void Load(const TensorMap& state);

 private:
  torch::Tensor LowerValue(const StackedMlp& critics, const torch::Tensor& observations,
                           const torch::Tensor& actions) const;
  void UpdateCritics(const TransitionBatch& batch);
  void UpdateActorAndTemperature(const torch::Tensor& observations);
  /// What is learned, [P] numbers (the temperature: scalar), and what learns it.
  struct LearnedPart {
    torch::Tensor numbers;
    FlatAdam* optimizer;
  };
  std::map<std::string, LearnedPart> Learned();

  SoftActorCriticOptions options_;
  int64_t action_size_;
  at::Generator generator_;
  StackedMlp actor_, critics_, target_;
  torch::Tensor log_temperature_;  // scalar float32
  FlatAdam actor_optimizer_, critic_optimizer_, temperature_optimizer_;
};

}  // namespace longplay
