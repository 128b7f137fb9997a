// SPDX-License-Identifier: MIT
#include "agent/training/td3_bc_trainer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>
#include <stdexcept>

#include "agent/learners/td3_bc.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/choose_device.h"
#include "agent/training/metrics_log.h"
#include "datasets/chains/transition_sampler.h"

namespace longplay {
namespace {

// Added to the observations' deviations, as in the authors' code and CORL's.
constexpr double kLeastDeviation = 1e-3;

torch::TensorOptions Placed(const TrainOptions& options) {
  return torch::TensorOptions(options.dtype == "float64" ? at::kDouble : at::kFloat)
      .device(ChooseDevice(options.device));
}

/// Everything that changes while training: what a checkpoint must hold to go on bit for bit.
struct ActorCriticSession {
  ActorCriticSession(const RunOptions& options, const TrajectorySet& set)
      : record(MakePolicyRecord(options, set)),
        generator(at::make_generator<at::CPUGeneratorImpl>(options.train.seed)),
        learner(options.model.observation_size, options.model.action_size, options.train.td3_bc,
                generator, Placed(options.train)),
        random(options.train.seed) {
    for (double& deviation : record.normalizer.observation_std) deviation += kLeastDeviation;
  }

  void Save(const std::string& run) const {
    std::ostringstream sampler;
    sampler << random;
    SaveCheckpoint(CheckpointFolder(run, record.step), learner.actor(), record,
                   {.optimizer = learner.state(),
                    .sampler = sampler.str(),
                    .generator = generator.get_state()});
  }

  void Restore(const std::string& checkpoint) {
    const PolicyRecord saved = LoadPolicy(checkpoint, at::kCPU).record;
    if (saved.data_hash != record.data_hash) {
      throw std::invalid_argument("resuming: " + checkpoint +
                                  ": expected the data it was trained on, got other data");
    }
    record.step = saved.step;
    const TrainingState state = LoadTrainingState(checkpoint);
    learner.Load(state.optimizer);
    std::istringstream(state.sampler) >> random;
    generator.set_state(state.generator);
  }

  PolicyRecord record;
  at::Generator generator;  // first weights, then the noise on target actions
  Td3Bc learner;
  std::mt19937_64 random;  // draws transitions
};

TransitionBatch ToBatch(TransitionRows& rows, const PolicyRecord& record,
                        const torch::TensorOptions& options) {
  const auto count = static_cast<int64_t>(rows.rewards.size());
  const int64_t observation_size = record.normalizer.observation_size();
  const auto wrap = [&](std::vector<float>& values, at::IntArrayRef shape) {
    return at::from_blob(values.data(), shape, at::kFloat).to(options);
  };
  return {.observations = wrap(rows.observations, {count, observation_size}),
          .actions = wrap(rows.actions, {count, record.normalizer.action_size()}),
          .rewards = wrap(rows.rewards, {count}),
          .next_observations = wrap(rows.next_observations, {count, observation_size}),
          .continues = wrap(rows.continues, {count})};
}

/// Sums between two rows of the log.
struct CriticWindow {
  CriticUpdate critic;
  ActorUpdate actor;
  int64_t critic_steps = 0, actor_steps = 0;
  TrainingClock::time_point start = TrainingClock::now();

  void Add(const CriticUpdate& update) {
    critic.loss += update.loss;
    critic.gradient_norm += update.gradient_norm;
    ++critic_steps;
  }
  void Add(const ActorUpdate& update) {
    actor.loss += update.loss;
    actor.cloning += update.cloning;
    actor.value += update.value;
    ++actor_steps;
  }
};

TrainingProgress Summarise(const CriticWindow& window, const TrainOptions& options, int64_t step) {
  const double seconds = std::max(SecondsSince(window.start), 1e-9);
  const double rate = static_cast<double>(window.critic_steps) / seconds;
  return {.step = step,
          .steps = options.steps,
          .loss = MeanOf(window.critic.loss, window.critic_steps),
          .learning_rate = options.td3_bc.learning_rate,
          .gradient_norm = MeanOf(window.critic.gradient_norm, window.critic_steps),
          .steps_per_second = rate,
          .tokens_per_second = rate * static_cast<double>(options.td3_bc.batch),
          .more = {{"actor_loss", MeanOf(window.actor.loss, window.actor_steps)},
                   {"cloning_loss", MeanOf(window.actor.cloning, window.actor_steps)},
                   {"value", MeanOf(window.actor.value, window.actor_steps)}}};
}

}  // namespace

TrainingResult TrainTd3Bc(const RunOptions& options, const TrajectorySet& set,
                          const std::string& run, RunStart start,
                          const std::function<void(const TrainingProgress&)>& on_progress) {
  const std::string checkpoint = PrepareRun(run, options, start);
  const Td3BcOptions& method = options.train.td3_bc;
  const torch::TensorOptions placed = Placed(options.train);
  ActorCriticSession session(options, set);
  if (!checkpoint.empty()) session.Restore(checkpoint);
  const TransitionSampler sampler(set, session.record.normalizer);
  MetricsLog metrics(run, session.record.step, {"actor_loss", "cloning_loss", "value"});
  TrainingResult result{.run = run, .parameters = session.learner.parameters()};
  TransitionRows rows;
  CriticWindow window;
  const auto started = TrainingClock::now();
  const int64_t first = session.record.step + 1;
  int64_t skipped = 0, bad_in_a_row = 0;

  for (int64_t step = first; step <= options.train.steps; ++step) {
    sampler.Draw(method.batch, session.random, rows);
    const TransitionBatch batch = ToBatch(rows, session.record, placed);
    const torch::Tensor noise =
        at::randn(batch.actions.sizes(), session.generator, placed.device(at::kCPU)).to(placed);

    const auto critic = session.learner.UpdateCritics(batch, noise);
    if (critic) window.Add(*critic);
    bool finite = critic.has_value();
    if (finite && step % method.policy_every == 0) {
      const auto actor = session.learner.UpdateActor(batch);
      if (actor) window.Add(*actor);
      finite = actor.has_value();
    }

    skipped += finite ? 0 : 1;
    bad_in_a_row = finite ? 0 : bad_in_a_row + 1;
    if (bad_in_a_row >= options.train.max_bad_steps) {
      throw std::runtime_error("training: step " + std::to_string(step) +
                               ": expected finite losses, got " + std::to_string(bad_in_a_row) +
                               " in a row that are not; the last checkpoint is kept");
    }
    session.record.step = step;
    const bool last = step == options.train.steps;
    if (step % options.train.log_every == 0 || last) {
      TrainingProgress progress = Summarise(window, options.train, step);
      progress.skipped = skipped;
      result.loss = progress.loss;
      metrics.Write(progress);
      if (on_progress) on_progress(progress);
      window = {};
    }
    if (step % options.train.checkpoint_every == 0 || last) {
      session.Save(run);
      DeleteOldCheckpoints(run, options.train.keep_checkpoints);
    }
  }
  result.steps = session.record.step;
  result.tokens_per_second = static_cast<double>((result.steps - first + 1) * method.batch) /
                             std::max(SecondsSince(started), 1e-9);
  return result;
}

}  // namespace longplay
