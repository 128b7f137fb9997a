// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "agent/runs/checkpoint.h"
#include "datasets/store/episode_set.h"

namespace longplay {

struct ActionErrorOptions {
  int64_t chains = 16;   // drawn anew from all episodes: they may share some
  int64_t episodes = 0;  // E of a chain; 0 = as trained
  // Episodes of the chains that are drawn, if more and histories hold them: the last E are shown.
  int64_t drawn = 0;
  uint64_t seed = 0;  // of the draws
};

/// Sums over the steps of one place in one chain.
struct PlaceSums {
  int64_t steps = 0;
  double error = 0;  // squared error of the mean action, mean over A; categorical: cross-entropy
  double likelihood = 0;  // Gaussian: negative log-likelihood divided by A
  double right = 0;       // categorical: steps whose likeliest action is the one taken
};

/// How far a policy's actions are from recorded ones, by their place in the context. In the
/// policy's units: an action's range is [-1, 1].
struct ActionErrorResult {
  ActionHead head = ActionHead::kSquaredError;
  uint64_t data_hash = 0;
  bool training_data = false;                       // the very data that it was trained on
  std::vector<std::vector<PlaceSums>> by_episode;   // [chains][E]
  std::vector<std::vector<PlaceSums>> by_position;  // [chains][..]: of step 0, 1, 2-3, 4-7 ...
};

/// Chains are made as in training (order, target, source, window, boundary), but of all episodes,
/// and every one of their actions counts; each chain is one forward pass, no simulator runs.
///
/// Policies of different E are comparable by their last episode where `drawn` is the same: with the
/// default order the last of E is the best of E, and good episodes are easier to predict.
/// `on_chain` hears of the chains done. Throws std::invalid_argument when the data do not fit the
/// policy.
ActionErrorResult MeasureActionError(const LoadedPolicy& policy, const EpisodeSet& set,
                                     const ActionErrorOptions& options,
                                     const std::function<void(int64_t)>& on_chain = {});

/// Of training runs of one policy. One run: intervals resample its chains; several: the runs.
/// Keys: measure, interval, training_data, error [{episode, mean, ci95, steps}], by_position
/// [{from, to, mean, ci95, steps}]; beside a row's mean negative_log_likelihood or accuracy.
nlohmann::json ToJson(std::span<const ActionErrorResult> runs);

}  // namespace longplay
