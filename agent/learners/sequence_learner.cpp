// SPDX-License-Identifier: MIT
#include "agent/learners/sequence_learner.h"

#include <ATen/ops/_foreach_lerp.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "agent/batches/training_tokens.h"
#include "agent/learners/choose_device.h"
#include "datasets/chains/chain_batches.h"
#include "model/policy/action_head.h"

namespace longplay {

double LearningRateAt(const TrainOptions& options, int64_t step) {
  // Linear warm-up; then, if it decays, half a cosine down to a tenth.
  const double warm =
      options.warmup_steps == 0
          ? 1
          : std::min(1.0, static_cast<double>(step) / static_cast<double>(options.warmup_steps));
  if (!options.decay) return options.learning_rate * warm;
  const double done = static_cast<double>(step - 1) / static_cast<double>(options.steps);
  return options.learning_rate * warm * (0.1 + 0.45 * (1 + std::cos(std::numbers::pi * done)));
}

namespace {

/// torch's modules draw their weights from the global generator.
const RunOptions& Seeded(const RunOptions& options) {
  torch::manual_seed(options.train.seed);
  return options;
}

void CopyAll(const PolicyNetwork& from, const PolicyNetwork& to) {
  CopyWeights(NamedWeights(from), NamedWeights(to), "the learner's");
}

const std::string kTrained = "trained.";  // in front of names in the state

}  // namespace

PolicyNetwork SequenceLearner::MakeTrainedNetwork(const RunOptions& options) {
  PolicyNetwork network(options.model, ValueHidden(options.train.method, options.methods));
  network->to(ChooseDevice(options.train.device),
              options.train.dtype == "float64" ? torch::kFloat64 : torch::kFloat32);
  network->train();
  return network;
}

SequenceLearner::SequenceLearner(const RunOptions& options)
    : options_(options),
      network_(MakeTrainedNetwork(Seeded(options))),
      optimizer_(*network_, options.train.weight_decay, network_->WithoutDecay()) {
  // The average begins as what is trained.
  if (options.train.average == 0) return;
  average_ = MakeTrainedNetwork(options);
  CopyAll(network_, average_);
}

std::unique_ptr<BatchSource> SequenceLearner::MakeSource(const EpisodeSet& set,
                                                         const Normalizer& normalizer) const {
  return std::make_unique<ChainBatches>(set, normalizer, options_.chain,
                                        ChainsPerStep(options_, set));
}

torch::TensorOptions SequenceLearner::tensor_options() const {
  return network_->parameters().front().options().requires_grad(false);
}

std::vector<Update> SequenceLearner::Updates(int64_t step) {
  return {{.optimizer = &optimizer_,
           .learning_rate = LearningRateAt(options_.train, step),
           .clip_norm = options_.train.clip_norm,
           .figures = {"loss"}}};
}

LossShare SequenceLearner::Loss(size_t /*update*/, const TrainingBatch& batch,
                                const StepTotals& totals, const torch::Tensor& /*survey*/) {
  // This pass's share of the step's mean loss: the divisor is the whole step's.
  const Prediction prediction = network_->Predict(batch.inputs);
  const torch::Tensor loss =
      ActionLoss(options_.model.head, prediction.output, batch.target_actions, batch.in_loss).sum /
      static_cast<double>(totals.steps_in_loss);
  LossShare share{.loss = loss, .figures = {loss.detach()}};
  // The layers' penalty is a mean over rows, so its share is that of the rows.
  if (prediction.penalty.defined()) {
    const double rows = static_cast<double>(batch.rows) / static_cast<double>(totals.rows);
    share.loss = loss + prediction.penalty * rows;
  }
  return share;
}

void SequenceLearner::Finish(size_t /*update*/, int64_t step) {
  if (!average_) return;
  const torch::NoGradGuard no_grad;
  // A short average at first, so that untrained weights are soon forgotten.
  const auto t = static_cast<double>(step);
  const double decay = std::min(options_.train.average, (1 + t) / (10 + t));
  at::_foreach_lerp_(average_->parameters(), network_->parameters(), 1 - decay);
}

void SequenceLearner::StartAgain() {
  if (average_) CopyAll(average_, network_);
}

TensorMap SequenceLearner::state() const {
  // With an average the checkpoint's weights are the average; these are what training goes on with.
  TensorMap state = optimizer_.state();
  if (!average_) return state;
  for (const auto& [name, tensor] : NamedWeights(network_)) {
    state[kTrained + name] = tensor.detach();
  }
  return state;
}

void SequenceLearner::Load(const TensorMap& state) {
  optimizer_.Load(state);
  TensorMap trained;
  for (const auto& [name, tensor] : state) {
    if (name.starts_with(kTrained)) trained[name.substr(kTrained.size())] = tensor;
  }
  if (trained.empty()) {
    StartAgain();  // trained so far without an average
  } else {
    CopyWeights(trained, NamedWeights(network_), "training.safetensors");
  }
}

int64_t SequenceLearner::parameters() const {
  int64_t count = 0;
  for (const torch::Tensor& parameter : network_->parameters()) count += parameter.numel();
  return count;
}

}  // namespace longplay
