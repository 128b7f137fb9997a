// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/comparison/comparison.h"
#include "agent/comparison/comparison_config.h"
#include "agent/config/run_options.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// A comparison with all that is needed to make it.
struct ComparisonPlan {
  Comparison comparison;
  std::vector<RunOptions> options;  // of comparison.runs: whole, with seed and steps
  std::vector<EpisodeSet> data;     // of comparison.tasks: to train on
  std::vector<std::optional<EpisodeSet>> validation;  // what is kept out of it
  std::vector<std::vector<std::string>> held_out;     // of comparison.tasks: files
};

/// Lays out every run and checks it, so that nothing is trained before all is known to fit: data
/// are read, networks built, environments made and compared with the data.
///
/// Every row trains for base.train.steps steps (budget steps), and for as many steps as show it as
/// many tokens as the reference row sees in those (budget tokens), warm-up in proportion. A run
/// whose tokens at equal steps are within 3 % of that, or which no other number of steps brings
/// nearer to it, counts for both.
/// Throws std::invalid_argument that names the row and task.
ComparisonPlan PlanComparison(const ComparisonConfig& config);

}  // namespace longplay
