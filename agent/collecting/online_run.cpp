// SPDX-License-Identifier: MIT
#include "agent/collecting/online_run.h"

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "agent/acting/rollout.h"
#include "agent/collecting/episode_recorder.h"
#include "env/random_generator.h"

namespace longplay {
namespace {

class OnlineRun {
 public:
  OnlineRun(Environment& environment, const OnlineRunOptions& options)
      : environment_(environment),
        options_(options),
        spec_(environment.spec()),
        learner_(std::make_shared<SoftActorCritic>(spec_.observation_size, spec_.action_size,
                                                   options.learner, options.seed)),
        replay_(std::min(options.replay, options.steps + spec_.max_episode_steps),
                spec_.observation_size, spec_.action_size),
        random_(options.seed, RandomGenerator::Stream::kLearner),
        recorders_(environment.batch()),
        active_(environment.batch(), 0),
        shares_(environment.batch() * spec_.action_size, 0.0F),
        actions_(environment.batch() * spec_.action_size, 0.0),
        seen_(environment.batch() * spec_.observation_size, 0.0) {}

  OnlineRunResult Run(const std::function<void(int64_t, double)>& on_episode) {
    for (int64_t i = 0; i < environment_.batch(); ++i) environment_.StartChain(i, options_.seed);
    while (StartEpisodes() > 0) {
      Act();
      Step(on_episode);
      Learn();
    }
    return {std::move(done_), std::move(learner_)};
  }

 private:
  std::span<const float> shares(int64_t i) const {
    return std::span(shares_).subspan(i * spec_.action_size, spec_.action_size);
  }
  std::span<double> actions(int64_t i) {
    return std::span(actions_).subspan(i * spec_.action_size, spec_.action_size);
  }
  std::span<double> seen(int64_t i) {
    return std::span(seen_).subspan(i * spec_.observation_size, spec_.observation_size);
  }

  // Starts an episode wherever none is running and the running ones may end short of what is
  // wanted; returns how many are running.
  int64_t StartEpisodes() {
    int64_t running = std::ranges::count(active_, 1);
    for (int64_t i = 0; i < environment_.batch(); ++i) {
      if (active_[i] || recorded_ + running * spec_.max_episode_steps >= options_.steps) continue;
      const uint64_t seed = EpisodeSeed(options_.seed, started_++);
      if (options_.new_parameter_each_episode) environment_.StartChain(i, seed);
      environment_.Reset(i, seed);
      recorders_[i].Start(environment_.observation(i), spec_.action_size);
      std::ranges::copy(environment_.observation(i), seen(i).begin());
      active_[i] = 1;
      ++running;
    }
    return running;
  }

  void Act() {
    if (decisions_ < options_.random_decisions) {
      for (float& share : shares_) share = static_cast<float>(random_.Uniform(-1, 1));
    } else {
      const torch::Tensor observations =
          at::from_blob(seen_.data(), {environment_.batch(), spec_.observation_size}, at::kDouble)
              .to(at::kFloat);
      const torch::Tensor chosen = learner_->Act(observations).contiguous();
      std::copy_n(chosen.const_data_ptr<float>(), shares_.size(), shares_.begin());
    }
    for (size_t k = 0; k < actions_.size(); ++k) {
      const double low = spec_.action_low[k % spec_.action_size];
      const double high = spec_.action_high[k % spec_.action_size];
      actions_[k] = low + (high - low) * 0.5 * (1 + static_cast<double>(shares_[k]));
    }
  }

  void Step(const std::function<void(int64_t, double)>& on_episode) {
    const std::vector<StepOutcome>& outcomes = environment_.Step(actions_, active_);
    for (int64_t i = 0; i < environment_.batch(); ++i) {
      if (!active_[i]) continue;
      const StepOutcome& outcome = outcomes[i];
      const std::span<const double> next = environment_.observation(i);
      if (!outcome.diverged) {
        replay_.Add(seen(i), shares(i), options_.reward_scale * outcome.reward, next,
                    outcome.terminated);
      }
      recorders_[i].Add(actions(i), outcome, next);
      std::ranges::copy(next, seen(i).begin());
      ++decisions_;
      updates_due_ += options_.updates_per_decision;
      if (outcome.over()) EndEpisode(i, on_episode);
    }
  }

  void EndEpisode(int64_t i, const std::function<void(int64_t, double)>& on_episode) {
    active_[i] = 0;
    const int64_t length = recorders_[i].length();
    recorded_ += length;
    if (length == 0) return;
    on_episode(length, recorders_[i].episode_return());
    done_.push_back(recorders_[i].Take());
  }

  void Learn() {
    if (decisions_ < options_.random_decisions) updates_due_ = 0;
    for (; updates_due_ >= 1; --updates_due_) {
      learner_->Update(replay_.Sample(options_.batch, learner_->generator()));
    }
  }

  Environment& environment_;
  const OnlineRunOptions& options_;
  const EnvironmentSpec& spec_;
  std::shared_ptr<SoftActorCritic> learner_;
  ReplayBuffer replay_;
  RandomGenerator random_;
  std::vector<EpisodeRecorder> recorders_;  // [B]
  std::vector<uint8_t> active_;             // [B]
  std::vector<float> shares_;               // [B, A] actions in [-1, 1]
  std::vector<double> actions_;             // [B, A] the same in the task's units
  std::vector<double> seen_;                // [B, O] before the running step
  std::vector<Episode> done_;
  int64_t recorded_ = 0;   // [decisions] in episodes that are done
  int64_t decisions_ = 0;  // taken so far
  int64_t started_ = 0;    // episodes
  double updates_due_ = 0;
};

}  // namespace

OnlineRunResult RunSoftActorCritic(Environment& environment, const OnlineRunOptions& options,
                                   const std::function<void(int64_t, double)>& on_episode) {
  at::set_num_threads(1);  // of the calling thread: small matrices gain nothing from more
  return OnlineRun(environment, options).Run(on_episode);
}

}  // namespace longplay
