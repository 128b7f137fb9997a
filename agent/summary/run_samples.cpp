// SPDX-License-Identifier: MIT
#include "agent/summary/run_samples.h"

#include <algorithm>
#include <cmath>

#include "agent/scores/statistics.h"

namespace longplay {
namespace {

using Episodes = std::vector<double>;  // [E] of one context

/// `of` maps a run and the episodes of one of its contexts to a number.
std::vector<double> Collect(const std::vector<const ComparedRun*>& runs, SampleOf sample,
                            const std::function<double(const ComparedRun&, const Episodes&)>& of) {
  std::vector<double> samples;
  for (const ComparedRun* run : runs) {
    // [S] of this run; contexts without such an episode give none.
    std::vector<double> values;
    for (const Episodes& episodes : MeasuredOf(*run->outcome)) {
      const double value = of(*run, episodes);
      if (!std::isnan(value)) values.push_back(value);
    }
    if (values.empty()) continue;
    switch (sample) {
      case SampleOf::kTrainingRuns:
        samples.push_back(Mean(values));
        break;
      case SampleOf::kEvaluationSeeds:
        samples.insert(samples.end(), values.begin(), values.end());
        break;
    }
  }
  return samples;
}

}  // namespace

std::vector<const ComparedRun*> DoneRuns(const Comparison& comparison, size_t row, size_t task,
                                         Budget budget) {
  return PairedRuns(comparison, row, row, task, budget).first;
}

RunPairs PairedRuns(const Comparison& comparison, size_t row, size_t other, size_t task,
                    Budget budget) {
  RunPairs pairs;
  for (size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
    const ComparedRun& one = FindRun(comparison, row, task, seed, budget);
    const ComparedRun& two = FindRun(comparison, other, task, seed, budget);
    if (!one.outcome || !two.outcome) continue;
    pairs.first.push_back(&one);
    pairs.second.push_back(&two);
  }
  return pairs;
}

const std::vector<std::vector<double>>& MeasuredOf(const RunOutcome& outcome) {
  return outcome.returns.empty() ? outcome.errors : outcome.returns;
}

size_t ScoredEpisodes(const ComparedRun& run, size_t played) {
  if (run.scored_episode <= 0) return played;
  return std::min(static_cast<size_t>(run.scored_episode), played);
}

ReturnReference ScoresOf(const Comparison& comparison, size_t task) {
  // Any run of the task knows its reference.
  for (const ComparedRun& run : comparison.runs) {
    if (run.task == task && run.outcome && run.outcome->reference) return *run.outcome->reference;
  }
  return {.zero = comparison.tasks[task].mean_return,
          .hundred = comparison.tasks[task].best_return,
          .source = "mean and best return of the data"};
}

std::vector<double> Samples(const std::vector<const ComparedRun*>& runs, SampleOf sample,
                            const Pick& pick) {
  return Collect(runs, sample, [&](const ComparedRun& run, const Episodes& episodes) {
    const auto end = episodes.begin() + static_cast<int64_t>(ScoredEpisodes(run, episodes.size()));
    return pick({episodes.begin(), end});
  });
}

std::pair<std::vector<double>, std::vector<double>> PairedSamples(const RunPairs& pairs,
                                                                  SampleOf sample) {
  const auto& [runs, others] = pairs;
  if (runs.empty()) return {};
  // One that plays episodes apart can be taken at any of them, so at the other's.
  const bool apart = runs.front()->episodes_apart, others_apart = others.front()->episodes_apart;
  const auto at = [&](const std::vector<const ComparedRun*>& of, const ComparedRun& scored) {
    return SamplesOfAll(of, sample, [&](const Episodes& episodes) {
      return episodes[ScoredEpisodes(scored, episodes.size()) - 1];
    });
  };
  return {at(runs, apart ? *others.front() : *runs.front()),
          at(others, others_apart ? *runs.front() : *others.front())};
}

std::vector<double> SamplesOfAll(const std::vector<const ComparedRun*>& runs, SampleOf sample,
                                 const Pick& pick) {
  return Collect(runs, sample,
                 [&](const ComparedRun&, const Episodes& episodes) { return pick(episodes); });
}

}  // namespace longplay
