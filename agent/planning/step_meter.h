// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "agent/config/run_options.h"
#include "agent/learners/sequence_learner.h"
#include "model/ranks/context_ranks.h"

namespace longplay {

/// Chains of equal length that go through the network together.
struct PassShape {
  int64_t chains = 1;  // B
  int64_t steps = 0;   // N [time steps] of each
};

/// What one optimiser step over one such pass takes.
struct StepCost {
  PassShape shape;
  int64_t tensor_bytes = 0;  // at the peak: weights, gradients, moments, and what the pass holds
  int64_t batch_bytes = 0;   // of batches that the loader holds beside them
  double seconds = 0;        // of the fastest of a few
};

/// Takes optimiser steps of a sequence model on made-up chains, for what they cost: the learner, its
/// loss and its optimiser are those of training; the loop is not, and nothing is written. Bytes are
/// counted by the memory meter, which is installed: they are exact and the same every time.
/// With parallel.context above 1 the chains are what one rank holds of longer ones, computed as it
/// does, without the messages.
class StepMeter {
 public:
  /// `fitted` are options with every size filled in, on the CPU, with keep other than auto. Throws
  /// std::invalid_argument for another method or device.
  explicit StepMeter(const RunOptions& fitted);

  /// One step and at most `repeats` more, fewer where they take long; the fastest counts.
  StepCost Measure(const PassShape& shape, int repeats);

  /// Of the tensors that stay from step to step: weights, their average, moments.
  int64_t held_bytes() const { return held_bytes_; }
  /// Of all gradients.
  int64_t gradient_bytes() const;

 private:
  RunOptions options_;
  int64_t before_ = 0;  // tensor bytes of others
  int64_t held_bytes_ = 0;
  LoneContext context_;  // with parallel.context
  std::unique_ptr<SequenceLearner> learner_;
};

/// How many batches the loader and the loop hold together.
constexpr int64_t kBatchesHeld = 3;

}  // namespace longplay
