// SPDX-License-Identifier: MIT
#include "agent/training/choose_schedule.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <span>

#include "agent/batches/training_tokens.h"
#include "agent/config/config.h"
#include "agent/notes.h"
#include "agent/planning/context_plan.h"
#include "agent/planning/pass_plan.h"
#include "agent/training/make_learner.h"

namespace longplay {
namespace {

/// Of a checkpoint that is known to be readable; its run may have had no files of data.
RunOptions ReadRunConfig(const std::string& path) {
  std::ifstream file(path);
  return ParseConfig({std::istreambuf_iterator<char>(file), {}}, path, {});
}

}  // namespace

StepShape LargestStep(const RunOptions& fitted, const EpisodeSet& set) {
  int64_t longest = fitted.chain.episodes * set.longest();
  if (fitted.chain.window > 0) longest = std::min(longest, fitted.chain.window);
  const int64_t chains = ChainsPerStep(fitted, set);
  const PassPlan plan = PlanPasses(fitted, set, *MakeLearner(fitted, set).learner);
  // As SplitIntoPasses: one chain at least, and no more than a limit says.
  int64_t together = chains;
  if (plan.limits.steps > 0) together = std::min(together, plan.limits.steps / longest);
  if (plan.limits.chains > 0) together = std::min(together, plan.limits.chains);
  together = std::max<int64_t>(together, 1);
  const int64_t passes = (chains + together - 1) / together;
  // Of a chain that ranks share, each holds as much as another.
  const int64_t held = (longest + fitted.parallel.context - 1) / fitted.parallel.context;
  return {.pass = {.chains = together, .steps = held},
          .passes = passes,
          .side_by_side = std::clamp<int64_t>(plan.threads, 1, passes)};
}

RunOptions WithChoices(const RunOptions& fitted, const EpisodeSet& set, const std::string& run,
                       RunStart start, std::vector<std::string>& notes) {
  if (fitted.model.keep != Keep::kAuto) return fitted;
  RunOptions chosen = fitted;
  // A method without a sequence model keeps nothing.
  if (EntryOf(fitted.train.method).acts_with != ActsWith::kSequenceModel) {
    chosen.model.keep = ModelOptions{}.keep;
    return chosen;
  }
  // The same bytes as before: what the run was trained with, wherever it goes on.
  if (start == RunStart::kResume) {
    if (const std::string checkpoint = NewestReadableCheckpoint(run); !checkpoint.empty()) {
      const RunOptions before = ReadRunConfig(checkpoint + "/config.yaml");
      chosen.model.keep = before.model.keep;
      chosen.model.tokens_at_once = before.model.tokens_at_once;
      return chosen;
    }
  }
  const double memory = fitted.train.memory > 0
                            ? static_cast<double>(fitted.train.memory) * (1 << 20)
                            : HalfOfTheMachine();
  const KeepChoice choice = ChooseKeep(fitted, LargestStep(fitted, set), memory);
  chosen.model.keep = choice.keep;
  chosen.model.tokens_at_once = choice.tokens_at_once;
  notes.push_back(ToText(choice));
  return chosen;
}

RunOptions ChooseTogether(const RunOptions& fitted, const EpisodeSet& set, const std::string& run,
                          RunStart start, ProcessGroup* group) {
  if (fitted.model.keep != Keep::kAuto) return fitted;
  RunOptions chosen = fitted;
  if (group == nullptr || group->rank() == 0) {
    std::vector<std::string> notes;
    chosen = WithChoices(fitted, set, run, start, notes);
    PrintNotes(notes);
  }
  if (group == nullptr) return chosen;
  // Machines may differ in what they hold; what is kept is one thing in the run's configuration.
  int64_t choice[2] = {static_cast<int64_t>(chosen.model.keep), chosen.model.tokens_at_once};
  group->Broadcast(std::as_writable_bytes(std::span(choice)), 0);
  chosen.model.keep = static_cast<Keep>(choice[0]);
  chosen.model.tokens_at_once = choice[1];
  return chosen;
}

}  // namespace longplay
