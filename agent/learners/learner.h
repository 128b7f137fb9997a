// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/batches/step_totals.h"
#include "agent/batches/training_batch.h"
#include "agent/learners/acting_weights.h"
#include "agent/learners/optimizer.h"
#include "datasets/chains/batch_source.h"

namespace longplay {

/// A pass's share of the loss of a step: shares of all passes add up to it, and so do their
/// gradients and what is logged.
struct LossShare {
  torch::Tensor loss;                  // scalar, differentiable
  std::vector<torch::Tensor> figures;  // scalars: Update::figures
};

/// One update of an optimiser step: a loss, and the parameters that follow it.
struct Update {
  Optimizer* optimizer;
  double learning_rate;
  double clip_norm;  // gradient norm above this is scaled down; 0 = never
  // Names of what is logged. The first is the loss, which must be finite for the update to count.
  std::vector<std::string> figures;
};

/// A training method: what it draws, its losses and parameters, what its checkpoint holds. How a
/// step is cut into passes, and everything else about training, is the loop's (agent/training).
class Learner {
 public:
  Learner() = default;
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;
  virtual ~Learner() = default;

  /// Set and normaliser must outlive the source.
  virtual std::unique_ptr<BatchSource> MakeSource(const EpisodeSet& set,
                                                  const Normalizer& normalizer) const = 0;
  /// Type and device of batches.
  virtual torch::TensorOptions tensor_options() const = 0;

  /// The updates of step `step` (from 1), in their order. The first is the one that every step has.
  virtual std::vector<Update> Updates(int64_t step) = 0;

  /// What update `update` must know of all passes before its loss: shares that add up over passes;
  /// undefined = nothing. Asked for only where there are several.
  virtual torch::Tensor Survey(size_t /*update*/, const TrainingBatch& /*batch*/,
                               const StepTotals& /*totals*/) {
    return {};
  }
  /// A pass's share of the loss of update `update`.
  ///   survey  sum of the shares of Survey; undefined with one pass
  virtual LossShare Loss(size_t update, const TrainingBatch& batch, const StepTotals& totals,
                         const torch::Tensor& survey) = 0;
  /// Whether Loss may be called for several passes at once, from several threads.
  virtual bool losses_are_independent() const { return false; }
  /// Called after the parameters of update `update` of step `step` have followed.
  virtual void Finish(size_t /*update*/, int64_t /*step*/) {}

  /// Names of all figures but the loss: further columns of metrics.csv.
  virtual std::vector<std::string> columns() const { return {}; }
  virtual int64_t parameters() const = 0;

  /// What acts: a checkpoint's weights, by name, views of the parameters.
  virtual TensorMap weights() const = 0;
  /// Called after they were filled with another policy's, from which training begins.
  virtual void StartAgain() {}
  /// Its output for fixed inputs, see ActingWeights.
  virtual torch::Tensor Probe() const = 0;
  /// Everything else that changes.
  virtual TensorMap state() const = 0;
  /// Throws std::runtime_error when a part is missing.
  virtual void Load(const TensorMap& state) = 0;
};

}  // namespace longplay
