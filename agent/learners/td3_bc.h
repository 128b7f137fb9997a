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

/// train.method td3_bc: TD3 whose policy also clones the data's actions, the strong baseline that
/// is no sequence model. Of train.* it uses seed, device and dtype; the rest is td3_bc.*. A token is
/// a transition; the loss that is logged is the critics'.
///
///   critics: y = r + discount * (1 - end) * min_k target_k(s', target actor(s') + clipped noise)
///            loss = sum over k of mean (Q_k(s, a) - y)^2
///   policy, after every policy_every critic updates:
///            loss = mean (pi(s) - a)^2 - alpha / mean |Q_1(s, pi(s))| * mean Q_1(s, pi(s))
///            then the targets follow critics and policy
///
/// Source: arXiv 2106.06860, equations 3 to 5; the critics' part is TD3's, arXiv 1802.09477.
class Td3Bc : public Learner {
 public:
  enum : size_t { kCritics, kPolicy };  // the updates of a step

  /// Throws std::invalid_argument for data or options that it cannot learn from.
  static void Check(const RunOptions& options, const DatasetInfo& data);
  /// Added to the observations' deviations, as in the authors' code and CORL's.
  static constexpr double kLeastDeviation = 1e-3;

  /// `options` are fitted to the data. First weights are drawn from a generator seeded by train.seed,
  /// the noise on target actions by its place (model/tensors/keyed_noise.h).
  explicit Td3Bc(const RunOptions& options);

  std::unique_ptr<BatchSource> MakeSource(const EpisodeSet& set,
                                          const Normalizer& normalizer) const override;
  torch::TensorOptions tensor_options() const override { return tensor_options_; }
  std::vector<Update> Updates(int64_t step) override;
  torch::Tensor Survey(size_t update, const TrainingBatch& batch,
                       const StepTotals& totals) override;
  LossShare Loss(size_t update, const TrainingBatch& batch, const StepTotals& totals,
                 const torch::Tensor& survey) override;
  void Finish(size_t update, int64_t step) override;
  std::vector<std::string> columns() const override {
    return {"actor_loss", "cloning_loss", "value"};
  }
  int64_t parameters() const override { return actor_.flat().numel() + critics_.flat().numel(); }
  TensorMap weights() const override { return NamedWeights(actor_); }
  torch::Tensor Probe() const override { return ProbeOutput(actor_); }
  /// "actor", "critics", "target_actor", "target_critics" (each a vector) and the optimisers'
  /// moments.
  TensorMap state() const override;
  void Load(const TensorMap& state) override;

  /// [B] y above. `noise` [B, A] is standard normal.
  torch::Tensor Targets(const TrainingBatch& batch, const torch::Tensor& noise) const;
  /// The critics' share with given noise.
  LossShare CriticLoss(const TrainingBatch& batch, const torch::Tensor& noise,
                       const StepTotals& totals) const;

 private:
  Td3Bc(const RunOptions& options, const at::Generator& generator);

  LossShare PolicyLoss(const TrainingBatch& batch, const StepTotals& totals,
                       const torch::Tensor& size) const;

  Td3BcOptions options_;
  torch::TensorOptions tensor_options_;
  StackedMlp actor_, target_actor_, critics_, target_critics_;
  FlatAdam actor_optimizer_, critic_optimizer_;
};

}  // namespace longplay
