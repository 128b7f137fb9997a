// SPDX-License-Identifier: MIT
#include "agent/training/trainer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <sstream>
#include <stdexcept>

#include "agent/batches/batch_loader.h"
#include "agent/batches/step_tensors.h"
#include "agent/batches/training_tokens.h"
#include "agent/learners/adamw.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/choose_device.h"
#include "agent/training/metrics_log.h"

namespace longplay {
namespace {

/// Warm-up from 0, then a cosine to a tenth.
double LearningRate(const TrainOptions& options, int64_t step) {
  const double warm = options.warmup_steps == 0
                          ? 1
                          : std::min(1.0, static_cast<double>(step + 1) /
                                              static_cast<double>(options.warmup_steps));
  if (!options.decay) return options.learning_rate * warm;
  const double done = static_cast<double>(step) / static_cast<double>(options.steps);
  return options.learning_rate * warm * (0.1 + 0.45 * (1 + std::cos(std::numbers::pi * done)));
}

/// Torch's own, which dropout draws from.
at::Generator Generator() { return at::detail::getDefaultCPUGenerator(); }

/// Everything that changes while training: what a checkpoint must hold to go on bit for bit.
struct Session {
  Session(const RunOptions& options, const TrajectorySet& set)
      : record(MakePolicyRecord(options, set)),
        network(SeededNetwork(options)),
        optimizer(*network, options.train.weight_decay, network->WithoutDecay()),
        random(options.train.seed) {}

  static PolicyNetwork SeededNetwork(const RunOptions& options) {
    torch::manual_seed(options.train.seed);
    PolicyNetwork network(options.model);
    network->to(ChooseDevice(options.train.device),
                options.train.dtype == "float64" ? torch::kFloat64 : torch::kFloat32);
    return network;
  }

  void Save(const std::string& run) {
    std::ostringstream sampler;
    sampler << random;
    SaveCheckpoint(CheckpointFolder(run, record.step), network, record,
                   {.optimizer = optimizer.state(),
                    .sampler = sampler.str(),
                    .generator = Generator().get_state()});
  }

  /// Weights and normaliser.
  void Take(const LoadedPolicy& loaded) {
    const torch::NoGradGuard no_grad;
    record.normalizer = loaded.record.normalizer;
    const auto weights = loaded.network->named_parameters();
    for (auto& item : network->named_parameters()) item.value().copy_(weights[item.key()]);
  }

  void Restore(const std::string& checkpoint) {
    const LoadedPolicy loaded = LoadPolicy(checkpoint, torch::kCPU);
    if (loaded.record.data_hash != record.data_hash) {
      throw std::invalid_argument("resuming: " + checkpoint +
                                  ": expected the data it was trained on, got other data");
    }
    record.step = loaded.record.step;
    Take(loaded);
    const TrainingState state = LoadTrainingState(checkpoint);
    optimizer.Load(state.optimizer);
    std::istringstream(state.sampler) >> random;
    Generator().set_state(state.generator);
  }

  PolicyRecord record;
  PolicyNetwork network;
  AdamW optimizer;
  std::mt19937_64 random;  // draws chains and windows
};

/// Sums between two rows of the log.
struct LogWindow {
  double loss = 0, gradient_norm = 0;
  int64_t steps = 0, tokens = 0;
  TrainingClock::time_point start = TrainingClock::now();

  void Add(double loss_value, double norm, int64_t valid) {
    loss += loss_value;
    gradient_norm += norm;
    steps += 1;
    tokens += valid;
  }
};

TrainingProgress Summarise(const LogWindow& window, const TrainOptions& options, int64_t step,
                           int64_t skipped) {
  const double seconds = std::max(SecondsSince(window.start), 1e-9);
  return {.step = step,
          .steps = options.steps,
          .loss = MeanOf(window.loss, window.steps),
          .learning_rate = LearningRate(options, step - 1),
          .gradient_norm = MeanOf(window.gradient_norm, window.steps),
          .steps_per_second = static_cast<double>(window.steps) / seconds,
          .tokens_per_second = static_cast<double>(window.tokens) / seconds,
          .skipped = skipped};
}

}  // namespace

TrainingResult TrainSequenceModel(const RunOptions& options, const TrajectorySet& set,
                                  const std::string& run, RunStart start,
                                  const std::function<void(const TrainingProgress&)>& on_progress) {
  const std::string checkpoint = PrepareRun(run, options, start);
  Session session(options, set);
  if (!checkpoint.empty()) {
    session.Restore(checkpoint);
  } else if (!options.train.start_from.empty()) {
    session.Take(LoadPolicy(options.train.start_from, torch::kCPU));
  }
  session.network->train();
  const ChainSampler sampler(set, options.chain);
  const int64_t chains = ChainsPerStep(options, set);
  const torch::TensorOptions tensor_options =
      session.network->parameters().front().options().requires_grad(false);
  MetricsLog metrics(run, session.record.step);
  TrainingResult result{.run = run};
  for (const torch::Tensor& parameter : session.network->parameters()) {
    result.parameters += parameter.numel();
  }
  const auto started = TrainingClock::now();
  LogWindow window;
  int64_t skipped = 0, bad_in_a_row = 0, tokens = 0;
  double waited = 0;  // [s] for data, up to the last row of the log
  BatchLoader loader(set, sampler, session.record.normalizer, options.chain, chains,
                     session.random);

  for (int64_t step = session.record.step + 1; step <= options.train.steps; ++step) {
    LoadedBatch loaded = loader.Next();
    Batch& batch = loaded.batch;
    session.random = loaded.random;
    const std::vector<int64_t> shape = {batch.chains, batch.steps};
    const torch::Tensor actions =
        torch::from_blob(batch.actions.data(), {shape[0], shape[1], options.model.action_size})
            .to(tensor_options);  // [B, N, A]
    const torch::Tensor in_loss =
        torch::from_blob(batch.in_loss.data(), shape, torch::kUInt8)
            .to(tensor_options.device(), torch::kBool);  // [B, N], true = counts

    StepTensors inputs = ToStepTensors(batch.rows, batch.chains, tensor_options);
    if (!batch.segments.empty()) {
      inputs.segments = torch::from_blob(batch.segments.data(), shape, torch::kInt64)
                            .to(tensor_options.device());  // [B, N]
    }
    const Prediction prediction = session.network->Predict(inputs);
    const torch::Tensor loss =
        ActionLoss(options.model.head, prediction.output, actions, in_loss).mean();
    (prediction.penalty.defined() ? loss + prediction.penalty : loss).backward();
    const double gradient_norm = session.optimizer.ClipGradients(options.train.clip_norm);
    const double loss_value = loss.item<double>();

    // A step that is not finite changes no weight and counts in no mean; all the rest goes on.
    session.record.step = step;
    if (std::isfinite(loss_value) && std::isfinite(gradient_norm)) {
      session.optimizer.Step(LearningRate(options.train, step - 1));
      bad_in_a_row = 0;
      const int64_t valid = std::count(batch.valid.begin(), batch.valid.end(), 1) *
                            TokensPerTimeStep(options.model.tokens);
      window.Add(loss_value, gradient_norm, valid);
      tokens += valid;
    } else {
      session.optimizer.ZeroGrad();
      ++skipped;
      if (++bad_in_a_row >= options.train.max_bad_steps) {
        throw std::runtime_error("training: step " + std::to_string(step) +
                                 ": expected finite losses, got " + std::to_string(bad_in_a_row) +
                                 " in a row that are not; the last checkpoint is kept");
      }
    }
    loader.Recycle(std::move(batch));
    if (step % options.train.log_every == 0 || step == options.train.steps) {
      TrainingProgress progress = Summarise(window, options.train, step, skipped);
      progress.wait_share = (loader.waited() - waited) / std::max(SecondsSince(window.start), 1e-9);
      waited = loader.waited();
      result.loss = progress.loss;
      metrics.Write(progress);
      if (on_progress) on_progress(progress);
      window = {};
    }
    if (step % options.train.checkpoint_every == 0 || step == options.train.steps) {
      session.Save(run);
      DeleteOldCheckpoints(run, options.train.keep_checkpoints);
    }
  }
  result.steps = session.record.step;
  result.tokens_per_second = static_cast<double>(tokens) / std::max(SecondsSince(started), 1e-9);
  return result;
}

}  // namespace longplay
