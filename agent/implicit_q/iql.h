// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/learners/flat_adam.h"
#include "agent/learners/learner.h"
#include "agent/learners/stacked_mlp.h"

namespace longplay {

/// train.method iql: implicit Q-learning with perceptrons that see one observation, the baseline of
/// ic_iql without context. Of train.* it uses seed, steps, device and dtype; the rest is iql.*. A
/// token is a transition; the loss that is logged is that of the state values.
///
///   A      = min_k target_k(s, a) - V(s)
///   value  : mean |expectile - 1(A < 0)| A^2
///   policy : mean min(exp(beta A), most_weight) * |pi(s) - a|^2
///   critics: sum over k of mean (r + discount * (1 - end) V(s') - Q_k(s, a))^2 / 2,
///            then the targets follow the critics
///
/// in this order, each with what the one before has changed, as in the authors' code. The policy is
/// deterministic, as in CORL's iql_deterministic.
///
/// Source: arXiv 2110.06169, equations 5 to 7.
class Iql : public Learner {
 public:
  enum : size_t { kValues, kPolicy, kCritics };  // the updates of a step

  /// Throws std::invalid_argument for data or options that it cannot learn from.
  static void Check(const RunOptions& options, const DatasetInfo& data);
  /// Added to the observations' deviations, as CORL does.
  static constexpr double kLeastDeviation = 1e-3;

  /// `options` are fitted to the data. First weights are drawn from a generator seeded by train.seed.
  explicit Iql(const RunOptions& options);

  std::unique_ptr<BatchSource> MakeSource(const EpisodeSet& set,
                                          const Normalizer& normalizer) const override;
  torch::TensorOptions tensor_options() const override { return tensor_options_; }
  std::vector<Update> Updates(int64_t step) override;
  LossShare Loss(size_t update, const TrainingBatch& batch, const StepTotals& totals,
                 const torch::Tensor& survey) override;
  void Finish(size_t update, int64_t step) override;
  std::vector<std::string> columns() const override { return {"actor_loss", "critic_loss"}; }
  int64_t parameters() const override;
  TensorMap weights() const override { return NamedWeights(actor_); }
  torch::Tensor Probe() const override { return ProbeOutput(actor_); }
  /// "actor", "values", "critics", "target_critics" (each a vector) and the optimisers' moments.
  TensorMap state() const override;
  void Load(const TensorMap& state) override;

 private:
  Iql(const RunOptions& options, const at::Generator& generator);

  torch::Tensor Advantages(const TrainingBatch& batch, StackedMlp::Weights weights) const;
  torch::Tensor PolicyErrors(const TrainingBatch& batch) const;
  torch::Tensor CriticErrors(const TrainingBatch& batch) const;

  IqlOptions options_;
  int64_t steps_;
  torch::TensorOptions tensor_options_;
  StackedMlp actor_, values_, critics_, target_critics_;
  FlatAdam actor_optimizer_, value_optimizer_, critic_optimizer_;
};

}  // namespace longplay
