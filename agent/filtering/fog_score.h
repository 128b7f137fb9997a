// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/runs/checkpoint.h"
#include "env/family/fog.h"

namespace longplay {

struct FogScoreOptions {
  std::string environment;      // id; empty = the policy's own
  int64_t steps = 1000000;      // of the longest episodes
  int64_t episodes = 4;         // of these; a quarter of the length is played four times as often
  int64_t most_episodes = 256;  // of one length
  int64_t window = 0;           // [steps] that the context is cut to; 0 = as trained
  int64_t tokens_at_once = 1 << 18;  // [tokens] of a pass of several episodes; decides memory alone
  uint64_t seed = 1000;              // of the first episode
};

/// At one length of the context, after so many readings.
struct FogScoreRow {
  int64_t step = 1;        // readings
  double variance = 0;     // v of the filter: no policy earns more than -2 v here
  double zero_action = 0;  // excess of the action 0, which knows nothing
  double window = 0;       // least excess of a policy that sees the window alone; 0 without one
  /// By episode: |a - m|^2 / 2 v, what the action costs beyond the filter's, as a share of the limit.
  std::vector<double> excess;
};

struct FogScore {
  std::string environment, trained_on;  // ids; empty = data of a task without one
  FogOptions task;
  int64_t window = 0;         // 0 = the whole context
  int64_t trained_steps = 0;  // longest context in training
  std::vector<FogScoreRow> rows;
};

/// 1, 2, 5, 10, 20, 50 ... below `steps`, and `steps`.
std::vector<int64_t> ContextLengths(int64_t steps);

/// How far a policy is from the limit of family/fog-v0, by the length of its context. Each episode is
/// one forward pass, for actions change nothing. `on_tokens` hears of the steps done (at first none)
/// and of all.
/// Throws std::invalid_argument where the environment is another, or the policy one that
/// CheckFogSettings refuses.
FogScore ScoreInFog(const LoadedPolicy& policy, const FogScoreOptions& options,
                    const std::function<void(int64_t done, int64_t of)>& on_tokens = {});

/// {environment, drift, sigma, window, trained_steps, excess [{step, limit, zero_action, window,
/// episodes, mean, ci95}]}; limit is the best reward of a step, -2 v.
nlohmann::json ToJson(const FogScore& score);
/// One line for each length, with a head: step,limit,zero_action,window,episodes,mean,low,high.
std::string FogScoreCsv(const FogScore& score);
/// The same for people.
std::string FogScoreText(const FogScore& score);

}  // namespace longplay
