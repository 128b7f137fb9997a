// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/learners/adamw.h"
#include "agent/learners/learner.h"
#include "model/policy/policy_network.h"

namespace longplay {

/// The learning rate of step `step` (from 1): warm-up from 0, then, with `decay`, a cosine to a
/// tenth at the last step.
double LearningRateAt(const TrainOptions& options, int64_t step);

/// train.method sequence: a sequence model that predicts the data's actions in chains of episodes.
///
///   loss = sum over the time steps in the loss of the head's loss / their number
///          + the model's own penalty (Taipan), the mean over chains
///
/// With train.average the policy that acts is a moving average of the weights: after step t
///   average += (1 - d) (weights - average), d = min(train.average, (1 + t) / (10 + t)),
/// so that early ones do not linger.
class SequenceLearner : public Learner {
 public:
  /// `options` are fitted to the data. First weights are drawn from torch's generator, seeded by
  /// train.seed; what is drawn later is keyed (StepTensors::noise).
  explicit SequenceLearner(const RunOptions& options);

  std::unique_ptr<BatchSource> MakeSource(const EpisodeSet& set,
                                          const Normalizer& normalizer) const override;
  torch::TensorOptions tensor_options() const override;
  std::vector<Update> Updates(int64_t step) override;
  LossShare Loss(size_t update, const TrainingBatch& batch, const StepTotals& totals,
                 const torch::Tensor& survey) override;
  bool losses_are_independent() const override { return true; }
  void Finish(size_t update, int64_t step) override;
  int64_t parameters() const override;
  TensorMap weights() const override { return NamedWeights(acting()); }
  torch::Tensor Probe() const override { return ProbeOutput(acting()); }
  void StartAgain() override;
  /// The optimiser's, and with an average the weights "trained.<name>".
  TensorMap state() const override;
  void Load(const TensorMap& state) override;

 protected:
  /// With fresh weights, placed and ready to be trained.
  static PolicyNetwork MakeTrainedNetwork(const RunOptions& options);

  const RunOptions options_;
  PolicyNetwork network_;

 private:
  const PolicyNetwork& acting() const { return average_ ? average_ : network_; }

  PolicyNetwork average_{nullptr};  // none without train.average
  AdamW optimizer_;
};

}  // namespace longplay
