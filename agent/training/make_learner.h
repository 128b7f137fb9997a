// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include "agent/config/run_options.h"
#include "agent/learners/learner.h"
#include "agent/runs/policy_record.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// What a run trains: its learner, and what the policy needs beside its weights.
struct LearnerAndRecord {
  std::unique_ptr<Learner> learner;
  PolicyRecord record;
};

/// Those of options.train.method. `options` are fitted to the data.
LearnerAndRecord MakeLearner(const RunOptions& options, const EpisodeSet& set);

/// Throws std::invalid_argument for data or options that options.train.method cannot learn from.
void CheckMethod(const RunOptions& options, const DatasetInfo& data);

}  // namespace longplay
