// SPDX-License-Identifier: MIT
#include "agent/filtering/fog_score.h"

#include <algorithm>
#include <stdexcept>

#include "agent/config/fog_settings.h"
#include "agent/filtering/fog_episodes.h"
#include "agent/filtering/one_pass.h"
#include "env/list/fog_of_id.h"

namespace longplay {
namespace {

constexpr int64_t kShorter = 4;  // episodes of a quarter of the length, four times as many

/// Episodes of one length.
struct LengthGroup {
  int64_t steps = 1, episodes = 1;
};

/// The longest first; all cost about the same. Lengths are those of rows, so that no step is played
/// for nothing.
std::vector<LengthGroup> GroupsOf(const FogScoreOptions& options,
                                  const std::vector<int64_t>& lengths) {
  std::vector<LengthGroup> groups = {{options.steps, options.episodes}};
  while (groups.back().episodes < options.most_episodes && groups.back().steps > 1) {
    const LengthGroup last = groups.back();
    const auto longer =
        std::ranges::upper_bound(lengths, std::max<int64_t>(1, last.steps / kShorter));
    groups.push_back({*(longer - 1), std::min(kShorter * last.episodes, options.most_episodes)});
  }
  return groups;
}

void CheckScoring(const FogScoreOptions& options) {
  const auto check = [](bool valid, const std::string& name, int64_t got) {
    if (valid) return;
    throw std::invalid_argument("scoring in fog: " + name + ": expected at least 1, got " +
                                std::to_string(got));
  };
  check(options.steps >= 1, "steps", options.steps);
  check(options.episodes >= 1, "episodes", options.episodes);
  check(options.most_episodes >= 1, "most_episodes", options.most_episodes);
  check(options.tokens_at_once >= 1, "tokens_at_once", options.tokens_at_once);
  if (options.episodes > options.most_episodes) {
    throw std::invalid_argument("scoring in fog: episodes: expected at most most_episodes = " +
                                std::to_string(options.most_episodes) + ", got " +
                                std::to_string(options.episodes));
  }
}

std::vector<FogScoreRow> EmptyRows(const FogOptions& task, const std::vector<int64_t>& lengths,
                                   int64_t window) {
  const std::vector<double> variances = FogVariances(task, lengths.back());
  std::vector<FogScoreRow> rows;
  for (const int64_t step : lengths) {
    const double v = variances[step - 1];
    FogScoreRow row{.step = step, .variance = v, .zero_action = (1 - v) / v};
    // The filter's mean is farther from that of the window by what the window leaves open.
    if (window > 0) row.window = variances[std::min(step, window) - 1] / v - 1;
    rows.push_back(row);
  }
  return rows;
}

/// Adds the excess of the drawn episodes to the rows up to their length.
void AddExcess(const LoadedPolicy& policy, const FogDraw& draw, int64_t window,
               std::vector<FogScoreRow>& rows) {
  std::vector<int64_t> marks;
  for (const FogScoreRow& row : rows) {
    if (row.step <= draw.steps) marks.push_back(row.step);
  }
  const auto M = static_cast<int64_t>(marks.size());
  FogEpisodes episodes = DrawFogEpisodes(draw, policy.record, marks);
  const std::vector<double> actions =
      ActInOnePass(policy, episodes.rows, draw.count, marks, window);
  for (int64_t i = 0; i < draw.count; ++i) {
    for (int64_t m = 0; m < M; ++m) {
      double distance = 0;
      for (int64_t k = (i * M + m) * kFogSize; k < (i * M + m + 1) * kFogSize; ++k) {
        distance += (actions[k] - episodes.means[k]) * (actions[k] - episodes.means[k]);
      }
      rows[m].excess.push_back(distance / (2 * rows[m].variance));
    }
  }
}

}  // namespace

std::vector<int64_t> ContextLengths(int64_t steps) {
  std::vector<int64_t> lengths;
  for (int64_t ten = 1; ten < steps; ten *= 10) {
    for (const int64_t digit : {1, 2, 5}) {
      if (digit * ten < steps) lengths.push_back(digit * ten);
    }
  }
  lengths.push_back(steps);
  return lengths;
}

FogScore ScoreInFog(const LoadedPolicy& policy, const FogScoreOptions& options,
                    const std::function<void(int64_t, int64_t)>& on_tokens) {
  // Phase 1: checks, before anything is played.
  CheckScoring(options);
  const RunOptions& run = policy.record.options;
  const std::string& trained_on = run.evaluate.environment;
  const std::string& id = options.environment.empty() ? trained_on : options.environment;
  const auto task = FogOfId(id);
  if (!task) {
    throw std::invalid_argument(
        "scoring in fog: environment: expected family/fog-v0, whose limit "
        "is known, got " +
        (id.empty() ? "none" : id));
  }
  if (!policy.network) {
    throw std::invalid_argument("scoring in fog: " + policy.folder +
                                ": expected a sequence model, got an actor, which has no context");
  }
  CheckFogSettings(run, "scoring in fog: " + policy.folder);
  if (!trained_on.empty() && !FogOfId(trained_on)) {
    throw std::invalid_argument("scoring in fog: " + policy.folder +
                                ": expected a policy of family/fog-v0, got one of " + trained_on);
  }
  if (policy.record.normalizer.observation_size() != kFogSize ||
      policy.record.normalizer.action_size() != kFogSize ||
      policy.record.action_kind != ActionKind::kContinuous) {
    throw std::invalid_argument("scoring in fog: " + policy.folder +
                                ": expected a policy for 2 observations and 2 actions, got one "
                                "for other sizes");
  }
  FogScore score{.environment = id,
                 .trained_on = trained_on,
                 .task = *task,
                 .window = options.window > 0 ? options.window : run.chain.window,
                 .trained_steps = policy.record.trained.context_steps};
  const std::vector<int64_t> lengths = ContextLengths(options.steps);
  score.rows = EmptyRows(*task, lengths, score.window);
  const std::vector<LengthGroup> groups = GroupsOf(options, lengths);
  int64_t total = 0, done = 0, first = 0;
  for (const LengthGroup& group : groups) total += group.steps * group.episodes;
  if (on_tokens) on_tokens(0, total);
  // Phase 2: each length, as many episodes at once as fit; no episode is played at two lengths.
  for (const LengthGroup& group : groups) {
    const int64_t at_once = std::max<int64_t>(1, options.tokens_at_once / group.steps);
    for (int64_t e = 0; e < group.episodes; e += at_once) {
      const int64_t count = std::min(at_once, group.episodes - e);
      AddExcess(policy,
                {.environment = id,
                 .seed = options.seed,
                 .first = first,
                 .count = count,
                 .steps = group.steps},
                score.window, score.rows);
      first += count;
      done += count * group.steps;
      if (on_tokens) on_tokens(done, total);
    }
  }
  return score;
}

}  // namespace longplay
