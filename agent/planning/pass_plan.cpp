// SPDX-License-Identifier: MIT
#include "agent/planning/pass_plan.h"

#include "agent/batches/training_tokens.h"

namespace longplay {
namespace {

/// Every thread has gradients of its own: 64 MiB of them at this size.
constexpr int64_t kMostParameters = int64_t{1} << 24;

int64_t DividedUp(int64_t x, int64_t parts) { return (x + parts - 1) / parts; }

}  // namespace

PassPlan PlanPasses(const RunOptions& options, const EpisodeSet& set, const Learner& learner) {
  PassPlan plan{.limits = {.steps = StepsPerPass(options)}};
  const int64_t threads = options.train.threads, chains = ChainsPerStep(options, set);
  if (threads < 2 || options.parallel.context > 1 || chains < threads ||
      !learner.losses_are_independent() || !learner.tensor_options().device().is_cpu() ||
      learner.parameters() > kMostParameters) {
    return plan;
  }
  plan.threads = threads;
  plan.limits.chains = DividedUp(chains, chains < 2 * threads ? threads : 2 * threads);
  // What passes in flight hold together is what one after the other would.
  plan.limits.steps = DividedUp(plan.limits.steps, threads);
  return plan;
}

}  // namespace longplay
