// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/learners/sequence_learner.h"

namespace longplay {

/// train.method ic_iql: in-context implicit Q-learning, a sequence model whose value heads say which
/// of the data's actions its policy follows. With y_t what the model knows at step t of a chain (all
/// that came before, and the observation), and over the time steps in the loss
///
///   A_t    = min_k target_k(y_t, a_t) - V(y_t)
///   value  = sum of |expectile - 1(A_t < 0)| A_t^2
///   critic = sum over k of (r_t + discount * (1 - d_t) V(y_t+1) - Q_k(y_t, a_t))^2 / 2
///   policy = sum of min(exp(beta A_t), most_weight) * the head's loss
///   loss   = (policy + value_weight * (critic + value)) / number of steps + the model's penalty
///
/// d_t = 1 at an episode's last step, whatever ended it, as in the published code: values are those of
/// an episode. V(y_t+1) is the trained network's, without gradient. A window's last step has no next
/// one and is left out of `critic` alone. The target, a copy of the whole network, follows it by
/// soft_update a step; its features run without dropout.
///
/// Source: in-context part arXiv 2506.01299 (the row IC-IQL), losses arXiv 2110.06169.
class IcIql : public SequenceLearner {
 public:
  /// Throws std::invalid_argument for data that it cannot learn from.
  static void Check(const RunOptions& options, const DatasetInfo& data);

  explicit IcIql(const RunOptions& options);

  std::unique_ptr<BatchSource> MakeSource(const EpisodeSet& set,
                                          const Normalizer& normalizer) const override;
  std::vector<Update> Updates(int64_t step) override;
  LossShare Loss(size_t update, const TrainingBatch& batch, const StepTotals& totals,
                 const torch::Tensor& survey) override;
  void Finish(size_t update, int64_t step) override;
  std::vector<std::string> columns() const override {
    return {"policy_loss", "critic_loss", "value_loss"};
  }
  void StartAgain() override;
  /// SequenceLearner's, and the target's weights "target.<name>".
  TensorMap state() const override;
  void Load(const TensorMap& state) override;

 private:
  PolicyNetwork target_;
};

}  // namespace longplay
