// SPDX-License-Identifier: MIT
#include "agent/collecting/learn_to_run.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "agent/learners/soft_actor_critic.h"

namespace longplay {
namespace {

/// observation [O], aim, standard normal noise [1, A] float32 → action [A] in [-1, 1].
void Run(const SoftActorCritic& learner, std::span<const double> observation, double aim,
         const torch::Tensor& noise, std::span<double> action) {
  // [1, O + 1], the wish last, as in the lessons' environment.
  const auto seen = at::empty({1, static_cast<int64_t>(observation.size()) + 1}, at::kFloat);
  float* last = std::ranges::copy(observation, seen.mutable_data_ptr<float>()).out;
  *last = static_cast<float>(aim);
  const auto chosen = learner.Act(seen, noise).contiguous();  // [1, A]
  std::copy_n(chosen.const_data_ptr<float>(), action.size(), action.begin());
}

}  // namespace

RunningActors LearnToRun(LearnerGroupOptions lessons, const OnEpisode& on_episode,
                         const std::function<void()>& on_wait) {
  lessons.learners = 1;
  lessons.new_parameter_each_episode = true;
  const auto learners = RunLearnerGroup(lessons, on_episode, on_wait);
  const auto noisy = [learner = learners.front()](std::span<const double> observation, double aim,
                                                  RandomGenerator& random,
                                                  std::span<double> action) {
    // Drawn for this history alone, not by the learner's generator.
    const auto noise = at::empty({1, static_cast<int64_t>(action.size())}, at::kFloat);
    std::generate_n(noise.mutable_data_ptr<float>(), action.size(),
                    [&] { return static_cast<float>(random.Normal()); });
    Run(*learner, observation, aim, noise, action);
  };
  const auto steady = [learner = learners.front()](std::span<const double> observation,
                                                   std::span<const double> wish,
                                                   std::span<double> action) {
    const auto none = at::zeros({1, static_cast<int64_t>(action.size())}, at::kFloat);
    Run(*learner, observation, wish[0], none, action);
  };
  return {.noisy = noisy, .steady = steady};
}

}  // namespace longplay
