// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/planning/choose_keep.h"
#include "agent/ranks/process_group.h"
#include "agent/runs/run_folder.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// The largest passes that a step of the run can have: every chain as long as E of the longest
/// episodes. `fitted` have train.threads filled in.
StepShape LargestStep(const RunOptions& fitted, const EpisodeSet& set);

/// What the program chooses where options leave it the choice: model.keep (and with it
/// model.tokens_at_once) where it is auto, else nothing. With RunStart::kResume it is what the
/// newest checkpoint in `run` was trained with. What was chosen goes to `notes`.
RunOptions WithChoices(const RunOptions& fitted, const EpisodeSet& set, const std::string& run,
                       RunStart start, std::vector<std::string>& notes);

/// The same on every rank: as rank 0 chooses, which prints what it chose. `group` may be null.
RunOptions ChooseTogether(const RunOptions& fitted, const EpisodeSet& set, const std::string& run,
                          RunStart start, ProcessGroup* group);

}  // namespace longplay
