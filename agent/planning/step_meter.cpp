// SPDX-License-Identifier: MIT
#include "agent/planning/step_meter.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <vector>

#include "agent/batches/share_steps.h"
#include "agent/batches/training_batch.h"
#include "agent/batches/training_tokens.h"
#include "agent/learners/choose_device.h"
#include "model/memory/memory_meter.h"

namespace longplay {
namespace {

constexpr double kSecondsOfRepeats = 0.2;  // no further step begins after so long

/// One pass of chains that nobody recorded: one episode each, all of its steps in the loss.
Batch MadeUpBatch(const ModelOptions& model, const PassShape& shape) {
  const int64_t rows = shape.chains * shape.steps;
  Batch batch{.chains = shape.chains, .steps = shape.steps};
  batch.rows = StepRows::Zeros(rows, model.observation_size, model.action_size);
  for (int64_t i = 0; i < rows; ++i) batch.rows.episode_steps[i] = i % shape.steps;
  batch.target_actions.assign(rows * model.action_size, 0.5f);
  batch.valid.assign(rows, 1);
  batch.in_loss.assign(rows, 1);
  return batch;
}

template <typename... Vectors>
int64_t BytesOfAll(const Vectors&... vectors) {
  return static_cast<int64_t>(((vectors.size() * sizeof(vectors[0])) + ...));
}

int64_t BytesOf(const Batch& batch) {
  const StepRows& rows = batch.rows;
  return BytesOfAll(rows.returns, rows.observations, rows.previous_actions, rows.previous_rewards,
                    rows.previous_completions, rows.episode_steps, rows.episodes,
                    batch.target_actions, batch.valid, batch.in_loss);
}

/// As agent/training/training_step.h takes a step of one pass.
void TakeOneStep(SequenceLearner& learner, const TrainingBatch& batch) {
  const StepTotals totals{.steps_in_loss = batch.steps_in_loss, .rows = batch.rows};
  const Update update = learner.Updates(1).front();
  update.optimizer->ZeroGrad();
  learner.Loss(0, batch, totals, {}).loss.backward();
  update.optimizer->ClipGradients(update.clip_norm);
  update.optimizer->Step(update.learning_rate);
  learner.Finish(0, 1);
}

}  // namespace

StepMeter::StepMeter(const RunOptions& fitted) : options_(fitted) {
  if (fitted.train.method != Method::kSequence) {
    throw std::invalid_argument(
        "planning: train.method: expected sequence, whose memory grows with the context, got "
        "another");
  }
  if (!ChooseDevice(fitted.train.device).is_cpu()) {
    throw std::invalid_argument(
        "planning: train.device: expected cpu, where every allocation is counted, got " +
        fitted.train.device + " (train.device=cpu plans for the CPU)");
  }
  InstallMemoryMeter();
  before_ = CurrentTensorBytes();
  learner_ = std::make_unique<SequenceLearner>(fitted);
  held_bytes_ = CurrentTensorBytes() - before_;
}

int64_t StepMeter::gradient_bytes() const {
  return learner_->parameters() *
         static_cast<int64_t>(learner_->tensor_options().dtype().itemsize());
}

StepCost StepMeter::Measure(const PassShape& shape, int repeats) {
  StepCost cost{.shape = shape, .seconds = std::numeric_limits<double>::infinity()};
  double spent = 0;
  for (int i = 0; i <= repeats && spent < kSecondsOfRepeats; ++i) {
    // As the loop does: tensors are views of the loader's numbers where types allow.
    std::vector<Batch> passes = {MadeUpBatch(options_.model, shape)};
    // Ranks load their chains whole, and keep their own steps as tensors.
    cost.batch_bytes = kBatchesHeld * BytesOf(passes.front()) * options_.parallel.context;
    ResetPeakTensorBytes();
    const auto start = std::chrono::steady_clock::now();
    std::vector<TrainingBatch> batches =
        ToTrainingBatches(passes, options_.train.seed, 1, learner_->tensor_options());
    if (options_.parallel.context > 1) {
      ShareSteps(batches, options_.model, TokensPerTimeStep(options_), context_);
    }
    TakeOneStep(*learner_, batches.front());
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    cost.tensor_bytes = PeakTensorBytes() - before_;
    spent += seconds;
    cost.seconds = std::min(cost.seconds, seconds);
  }
  return cost;
}

}  // namespace longplay
