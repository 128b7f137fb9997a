// SPDX-License-Identifier: MIT
#include "agent/collecting/learn_to_run.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <vector>

#include "agent/learners/soft_actor_critic.h"

namespace longplay {

VelocityActor LearnToRun(LearnerGroupOptions lessons,
                         const std::function<void(int64_t, double)>& on_episode,
                         const std::function<void()>& on_wait) {
  lessons.learners = 1;
  lessons.new_parameter_each_episode = true;
  const auto learners = RunLearnerGroup(
      lessons, [](const Episode&, int64_t) {}, on_episode, on_wait);
  return [learner = learners.front()](std::span<const double> observation, double aim,
                                      std::span<double> action) {
    std::vector<float> seen(observation.begin(), observation.end());
    seen.push_back(static_cast<float>(aim));
    const auto all = at::from_blob(seen.data(), {1, static_cast<int64_t>(seen.size())}, at::kFloat);
    const auto chosen = learner->Act(all).contiguous();  // [1, A]
    std::copy_n(chosen.const_data_ptr<float>(), action.size(), action.begin());
  };
}

}  // namespace longplay
