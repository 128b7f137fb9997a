// SPDX-License-Identifier: MIT
#include "agent/collecting/learner_group.h"

#include <ATen/Parallel.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <utility>
#include <vector>

#include "agent/acting/make_environment.h"
#include "agent/acting/rollout.h"
#include "agent/collecting/online_run.h"
#include "agent/runs/run_claim.h"

namespace longplay {
namespace {

constexpr int64_t kSimulations = 4;  // per learner
// Slower to become good than with one update per decision, and twice as quick to collect. Of 60
// episodes of cartpole swing-up (action repeat 8) 41 to 45 % stay below half of the best return,
// with one update 32 to 34 %; both end near the best.
constexpr double kUpdatesPerDecision = 0.5;

OnlineRunOptions RunOptionsOf(const LearnerGroupOptions& group, int64_t learner) {
  return {.steps = (group.steps + group.learners - 1) / group.learners,
          .updates_per_decision = kUpdatesPerDecision,
          // rewards of one control step, whatever the action repeat
          .reward_scale = 1.0 / static_cast<double>(group.action_repeat),
          .new_parameter_each_episode = group.new_parameter_each_episode,
          .history = learner,
          .seed = EpisodeSeed(group.seed, learner)};
}

/// Waits a tenth of a second, or less where a run ends, and fills in whose runs are done, whichever
/// they are: one that failed throws here, however long the others have to go. How many are left.
int64_t TakeWhatIsDone(std::vector<std::future<OnlineRunResult>>& runs,
                       std::vector<std::shared_ptr<SoftActorCritic>>& learners) {
  int64_t left = 0;
  for (size_t k = 0; k < runs.size(); ++k) {
    if (!runs[k].valid()) continue;
    // At the first that is left; the others are only looked at.
    const std::chrono::milliseconds patience(left == 0 ? 100 : 0);
    if (runs[k].wait_for(patience) == std::future_status::ready) {
      learners[k] = runs[k].get().learner;
    } else {
      ++left;
    }
  }
  return left;
}

// Learner threads set the number of threads that tensors use; this sets it back.
class ThreadsKept {
 public:
  ThreadsKept() : threads_(at::get_num_threads()) {}
  ~ThreadsKept() { at::set_num_threads(threads_); }
  ThreadsKept(const ThreadsKept&) = delete;
  ThreadsKept& operator=(const ThreadsKept&) = delete;

 private:
  int threads_;
};

}  // namespace

std::string JournalOf(const LearnerGroupOptions& options, int64_t learner) {
  return options.kept_at + std::to_string(learner) + ".journal";
}

std::vector<std::shared_ptr<SoftActorCritic>> RunLearnerGroup(
    const LearnerGroupOptions& options, const OnEpisode& on_episode,
    const std::function<void()>& on_wait) {
  const ThreadsKept threads_kept;
  std::mutex mutex;
  std::atomic<StopRequest> stop = StopRequest::kNone;
  const OnEpisode on_episode_alone = [&](const PlayedEpisode& episode) {
    const std::lock_guard lock(mutex);
    on_episode(episode);
  };
  const auto run = [&](const std::unique_ptr<Environment>& environment, int64_t learner) {
    const OnlineRunFiles files = {
        .journal = JournalOf(options, learner),
        .state = options.kept_at + std::to_string(learner) + ".safetensors",
        .stop = &stop};
    return RunSoftActorCritic(*environment, RunOptionsOf(options, learner), files,
                              on_episode_alone);
  };

  // Each learner has an environment and a thread of its own.
  std::vector<std::future<OnlineRunResult>> runs;
  for (int64_t learner = 0; learner < options.learners; ++learner) {
    std::unique_ptr<Environment> environment =
        MakeEnvironment(options.environment, {.batch = kSimulations,
                                              .action_repeat = options.action_repeat,
                                              .max_episode_steps = options.max_episode_steps,
                                              .threads = 1});
    runs.push_back(std::async(std::launch::async, run, std::move(environment), learner));
  }
  // Wait for all, and call on_wait ten times a second meanwhile.
  std::vector<std::shared_ptr<SoftActorCritic>> learners(runs.size());
  try {
    while (TakeWhatIsDone(runs, learners) > 0) on_wait();
  } catch (const ClaimLost&) {
    // What they would save is another process's to write.
    stop = StopRequest::kAtOnce;
    for (const std::future<OnlineRunResult>& future : runs) {
      if (future.valid()) future.wait();
    }
    throw;
  } catch (...) {
    stop = StopRequest::kSaveFirst;
    // Whether the others could be saved counts for more than why they were stopped.
    for (std::future<OnlineRunResult>& future : runs) {
      if (future.valid()) future.get();
    }
    throw;
  }
  return learners;
}

}  // namespace longplay
