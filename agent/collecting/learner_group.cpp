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

constexpr char kCheckpointsEnd[] = "_checkpoints.journal";

OnlineRunOptions RunOptionsOf(const LearnerGroupOptions& group, int64_t learner) {
  return {.steps = (group.steps + group.learners - 1) / group.learners,
          .random_decisions = group.sac.random_decisions,
          .updates_per_decision = group.sac.updates_per_decision,
          .batch = group.sac.batch,
          .replay = group.sac.replay,
          // rewards of one control step, whatever the action repeat
          .reward_scale = 1.0 / static_cast<double>(group.action_repeat),
          .new_parameter_each_episode = group.new_parameter_each_episode,
          .learner = group.sac.learner,
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

std::map<std::string, std::string> TaskArgument(int64_t first_task, int64_t learner) {
  if (first_task < 0) return {};
  return {{"task", std::to_string(first_task + learner)}};
}

std::string JournalOf(const LearnerGroupOptions& options, int64_t learner) {
  const bool checkpoints = options.sac.checkpoint_every > 0;
  return options.kept_at + std::to_string(learner) + (checkpoints ? kCheckpointsEnd : ".journal");
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
  const auto make = [&](int64_t learner, int64_t simulations) {
    return MakeEnvironment(options.environment,
                           {.batch = simulations,
                            .action_repeat = options.action_repeat,
                            .max_episode_steps = options.max_episode_steps,
                            .threads = 1,
                            .arguments = TaskArgument(options.first_task, learner)});
  };
  const auto run = [&](const std::unique_ptr<Environment>& environment,
                       OnlineRunCheckpoints checkpoints, int64_t learner) {
    const std::string name = options.kept_at + std::to_string(learner);
    const OnlineRunFiles files = {.journal = name + ".journal",
                                  .state = name + ".safetensors",
                                  .checkpoints = name + kCheckpointsEnd,
                                  .stop = &stop};
    return RunSoftActorCritic(*environment, RunOptionsOf(options, learner), files, on_episode_alone,
                              std::move(checkpoints));
  };

  // Each learner has environments and a thread of its own.
  std::vector<std::future<OnlineRunResult>> runs;
  for (int64_t learner = 0; learner < options.learners; ++learner) {
    OnlineRunCheckpoints checkpoints = {.every = options.sac.checkpoint_every};
    if (checkpoints.every > 0) {
      checkpoints.environment = make(learner, options.sac.checkpoint_episodes);
    }
    runs.push_back(std::async(std::launch::async, run, make(learner, options.sac.simulations),
                              std::move(checkpoints), learner));
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
