// SPDX-License-Identifier: MIT
#include "datasets/store/dataset_summary.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "datasets/checks/warning_summary.h"

namespace longplay {
namespace {

/// The length at which episodes are truncated: what the file says, or else the longest length if
/// more than one truncated episode has it. 0 = there is none.
int64_t LimitOf(int64_t stated, const std::vector<int64_t>& truncated) {
  if (stated > 0 || truncated.empty()) return stated;
  const int64_t longest = *std::ranges::max_element(truncated);
  return std::ranges::count(truncated, longest) > 1 ? longest : 0;
}

}  // namespace

DatasetSummary Summarise(const EpisodeReader& reader,
                         const std::function<void(int64_t, int64_t)>& on_progress) {
  DatasetSummary summary{.info = reader.info()};
  std::set<int64_t> histories;
  std::vector<int64_t> truncated;  // their lengths
  int64_t steps = 0;
  Episode episode;
  for (int64_t e = 0; e < summary.info.episodes; ++e) {
    reader.Read(e, episode);
    const int64_t length = episode.length();
    summary.returns.push_back(std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0));
    summary.lengths.push_back(length);
    if (episode.terminated) {
      ++summary.terminated;
    } else {
      truncated.push_back(length);
      summary.without_a_flag += episode.truncated ? 0 : 1;
    }
    summary.final_observations += episode.has_final_observation() ? 1 : 0;
    histories.insert(episode.history);
    steps += length;
    if (on_progress) on_progress(steps, summary.info.steps);
  }
  // Ends that are no terminations, by the limit that only all of them show.
  const int64_t limit = LimitOf(summary.info.max_episode_steps, truncated);
  summary.at_the_limit = std::ranges::count(truncated, limit);
  summary.cut_before = static_cast<int64_t>(truncated.size()) - summary.at_the_limit;
  summary.histories = static_cast<int64_t>(histories.size());
  summary.warnings = SummariseProblems(reader.Warnings());
  return summary;
}

}  // namespace longplay
