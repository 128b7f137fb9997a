// SPDX-License-Identifier: MIT
#include "agent/collecting/checkpoint_player.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/acting/rollout.h"
#include "agent/collecting/episode_recorder.h"
#include "env/random_generator.h"

namespace longplay {
namespace {

/// Bytes of the first `entries` of a journal; it must have as many.
int64_t BytesOf(const std::string& path, int64_t entries) {
  const EpisodeJournal journal(path);
  if (entries == 0) return 0;
  const auto& places = journal.places();
  if (static_cast<int64_t>(places.size()) < entries) {
    throw std::runtime_error("going on with a learner: " + path + ": expected " +
                             std::to_string(entries) + " episodes of checkpoints, got " +
                             std::to_string(places.size()));
  }
  return places[entries - 1].offset + places[entries - 1].bytes;
}

}  // namespace

CheckpointPlayer::CheckpointPlayer(std::unique_ptr<Environment> environment,
                                   const CheckpointPlan& plan, int64_t done)
    : environment_(std::move(environment)), plan_(plan), done_(done) {
  journal_.emplace(plan_.journal, BytesOf(plan_.journal, done * environment_->batch()));
  for (int64_t i = 0; i < environment_->batch(); ++i) environment_->StartChain(i, plan_.seed);
}

void CheckpointPlayer::PlayDue(const SoftActorCritic& learner, int64_t decisions) {
  while (done_ < DueAt(decisions)) Play(learner);
}

void CheckpointPlayer::Play(const SoftActorCritic& learner) {
  const EnvironmentSpec& spec = environment_->spec();
  const int64_t B = environment_->batch(), O = spec.observation_size, A = spec.action_size;
  // All chance comes from the checkpoint's number.
  const uint64_t seed = EpisodeSeed(plan_.seed, 1 + done_);
  RandomGenerator random(seed, RandomGenerator::Stream::kLearner);
  std::vector<EpisodeRecorder> recorders(B);
  for (int64_t i = 0; i < B; ++i) {
    environment_->Reset(i, EpisodeSeed(seed, i));
    recorders[i].Start(environment_->observation(i), A);
  }
  std::vector<uint8_t> active(B, 1), diverged(B, 0);
  std::vector<double> actions(B * A);
  const at::Tensor seen = at::empty({B, O}, at::kFloat), noise = at::empty({B, A}, at::kFloat);
  while (std::ranges::find(active, 1) != active.end()) {
    for (int64_t i = 0; i < B; ++i) {
      std::ranges::copy(environment_->observation(i), seen.mutable_data_ptr<float>() + i * O);
    }
    std::generate_n(noise.mutable_data_ptr<float>(), B * A,
                    [&] { return static_cast<float>(random.Normal()); });
    const at::Tensor chosen = learner.Act(seen, noise).contiguous();  // [B, A] in [-1, 1]
    for (int64_t k = 0; k < B * A; ++k) {
      const double low = spec.action_low[k % A], high = spec.action_high[k % A];
      const double share = chosen.const_data_ptr<float>()[k];
      actions[k] = low + (high - low) * 0.5 * (1 + share);
    }
    const std::vector<StepOutcome>& outcomes = environment_->Step(actions, active);
    for (int64_t i = 0; i < B; ++i) {
      if (!active[i]) continue;
      recorders[i].Add(std::span(actions).subspan(i * A, A), outcomes[i],
                       environment_->observation(i));
      diverged[i] = outcomes[i].diverged ? 1 : 0;
      active[i] = outcomes[i].over() ? 0 : 1;
    }
  }
  // In the order of simulations, whichever ended first; an episode without a step keeps its place.
  for (int64_t i = 0; i < B; ++i) {
    JournalEntry entry = {.episode = recorders[i].Take(), .diverged = diverged[i] != 0};
    entry.episode.history = plan_.history;
    journal_->Append(entry);
  }
  ++done_;
}

}  // namespace longplay
