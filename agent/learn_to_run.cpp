// SPDX-License-Identifier: MIT
#include "agent/learn_to_run.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>
#include <vector>

#include "agent/make_environment.h"
#include "agent/online_run.h"
#include "agent/threads_kept.h"

namespace longplay {
namespace {

constexpr int64_t kSimulations = 4;
constexpr double kUpdatesPerDecision = 0.5;

}  // namespace

VelocityActor LearnToRun(const RunningLessons& lessons,
                         const std::function<void(int64_t, double)>& on_episode,
                         const std::function<void()>& on_wait) {
  const ThreadsKept threads_kept;
  BatchedEnvironment environment =
      MakeEnvironment(lessons.environment, {.batch = kSimulations,
                                            .action_repeat = lessons.action_repeat,
                                            .max_episode_steps = lessons.max_episode_steps,
                                            .threads = 1});
  const OnlineRunOptions run{.steps = lessons.decisions,
                             .updates_per_decision = kUpdatesPerDecision,
                             .reward_scale = 1.0 / static_cast<double>(lessons.action_repeat),
                             .new_parameter_each_episode = true,
                             .seed = lessons.seed};
  auto learning = std::async(std::launch::async,
                             [&] { return TrainSoftActorCritic(environment, run, on_episode); });
  while (learning.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready) on_wait();
  return [learner = std::shared_ptr<SoftActorCritic>(learning.get())](
             std::span<const double> observation, double aim, std::span<double> action) {
    std::vector<float> seen(observation.begin(), observation.end());
    seen.push_back(static_cast<float>(aim));
    const auto all = at::from_blob(seen.data(), {1, static_cast<int64_t>(seen.size())}, at::kFloat);
    const auto chosen = learner->Act(all).contiguous();  // [1, A]
    std::copy_n(chosen.const_data_ptr<float>(), action.size(), action.begin());
  };
}

}  // namespace longplay
