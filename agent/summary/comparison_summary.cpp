// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_summary.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace longplay {
namespace {

using Matrix = std::vector<std::vector<double>>;  // [evaluation seeds or chains][E]
using Pick = std::function<double(const std::vector<double>&)>;

/// Of those that are there.
double Mean(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}
double First(const std::vector<double>& episodes) { return episodes.front(); }
double Last(const std::vector<double>& episodes) { return episodes.back(); }
double Largest(const std::vector<double>& episodes) {
  return std::accumulate(episodes.begin(), episodes.end(), NAN,
                         [](double a, double b) { return std::fmax(a, b); });
}
double Least(const std::vector<double>& episodes) {
  return std::accumulate(episodes.begin(), episodes.end(), NAN,
                         [](double a, double b) { return std::fmin(a, b); });
}

/// The outcomes of a row on a task, one of each seed that is done.
std::vector<const ComparedRun*> DoneRuns(const Comparison& comparison, size_t row, size_t task,
                                         Budget budget) {
  std::vector<const ComparedRun*> done;
  for (size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
    const ComparedRun& run = FindRun(comparison, row, task, seed, budget);
    if (run.outcome) done.push_back(&run);
  }
  return done;
}

bool PlaysIn(const ComparedTask& task) { return !task.environment.empty(); }

Matrix MeasuredOf(const RunOutcome& outcome) {
  return outcome.returns.empty() ? Matrix{outcome.errors} : outcome.returns;
}

/// What a sample consists of: training runs, or the evaluation seeds of the only one.
std::vector<double> Samples(const std::vector<const ComparedRun*>& runs, bool several,
                            const Pick& pick) {
  std::vector<double> samples;
  for (const ComparedRun* run : runs) {
    std::vector<double> picked;
    for (const std::vector<double>& episodes : MeasuredOf(*run->outcome)) {
      const double value = pick(episodes);
      if (!std::isnan(value)) picked.push_back(value);
    }
    if (picked.empty()) continue;
    if (several) {
      samples.push_back(Mean(picked));
    } else {
      samples.insert(samples.end(), picked.begin(), picked.end());
    }
  }
  return samples;
}

/// The runs of both rows from seeds from which both are done, in the same order.
using Pairs = std::pair<std::vector<const ComparedRun*>, std::vector<const ComparedRun*>>;
Pairs PairedRuns(const Comparison& comparison, size_t row, size_t task, Budget budget) {
  Pairs pairs;
  for (size_t seed = 0; seed < comparison.seeds.size(); ++seed) {
    const ComparedRun& run = FindRun(comparison, row, task, seed, budget);
    const ComparedRun& reference = FindRun(comparison, comparison.reference, task, seed, budget);
    if (!run.outcome || !reference.outcome) continue;
    pairs.first.push_back(&run);
    pairs.second.push_back(&reference);
  }
  return pairs;
}

std::vector<double> Negated(std::vector<double> values) {
  for (double& value : values) value = -value;
  return values;
}

void CompareWithReference(const Comparison& comparison, size_t row, size_t task, Budget budget,
                          PlaySummary& play) {
  const auto [runs, reference] = PairedRuns(comparison, row, task, budget);
  if (row == comparison.reference || runs.empty()) return;
  const bool several = comparison.seeds.size() > 1, plays = PlaysIn(comparison.tasks[task]);
  const std::vector<double> x = Samples(runs, several, Last);
  const std::vector<double> y = Samples(reference, several, Last);
  if (x.size() == y.size()) play.difference = BootstrapDifference({x}, {y}, Aggregate::kMean);
  if (!several) return;
  // Of errors the smaller one is the better.
  play.improvement =
      plays ? BootstrapImprovement({x}, {y}) : BootstrapImprovement({Negated(x)}, {Negated(y)});
}

PlaySummary SummarisePlay(const Comparison& comparison, size_t row, size_t task, Budget budget) {
  const std::vector<const ComparedRun*> runs = DoneRuns(comparison, row, task, budget);
  const bool several = comparison.seeds.size() > 1, plays = PlaysIn(comparison.tasks[task]);
  const auto over = [&](const Pick& pick) { return BootstrapMean(Samples(runs, several, pick)); };
  PlaySummary play{.first = over(First),
                   .last = over(Last),
                   .mean = over(Mean),
                   .best = over(plays ? Largest : Least)};
  const size_t episodes = MeasuredOf(*runs.front()->outcome).front().size();
  for (size_t e = 0; e < episodes; ++e) {
    play.by_episode.push_back(over([e](const std::vector<double>& at) { return at[e]; }));
  }
  CompareWithReference(comparison, row, task, budget, play);
  return play;
}

Estimate Scored(const Estimate& estimate, const ReturnReference& reference) {
  return {reference.Score(estimate.value), reference.Score(estimate.low),
          reference.Score(estimate.high)};
}

PlaySummary Normalised(PlaySummary play, const ReturnReference& reference) {
  for (Estimate* estimate : {&play.first, &play.last, &play.mean, &play.best}) {
    *estimate = Scored(*estimate, reference);
  }
  for (Estimate& estimate : play.by_episode) estimate = Scored(estimate, reference);
  const ReturnReference differences = {
      .zero = 0, .hundred = reference.hundred - reference.zero, .source = ""};
  if (play.difference) play.difference = Scored(*play.difference, differences);
  return play;
}

void AddCosts(const std::vector<const ComparedRun*>& runs, RowSummary& summary) {
  const auto count = static_cast<double>(runs.size());
  for (const ComparedRun* run : runs) {
    const RunOutcome& outcome = *run->outcome;
    summary.parameters = outcome.parameters;
    summary.train_seconds += outcome.train_seconds / count;
    summary.tokens_per_second += outcome.tokens_per_second / count;
    summary.milliseconds_per_action += outcome.milliseconds_per_action / count;
    summary.peak_bytes = std::max(summary.peak_bytes, outcome.peak_bytes);
    summary.action_context = std::max(summary.action_context, outcome.action_context);
    summary.state_bytes = std::max(summary.state_bytes, outcome.state_bytes);
  }
}

/// Rows that all runs have; a run with skipped steps may lack one.
void AddCurve(const std::vector<const ComparedRun*>& runs, RowSummary& summary) {
  size_t rows = runs.front()->outcome->losses.size();
  for (const ComparedRun* run : runs) rows = std::min(rows, run->outcome->losses.size());
  for (size_t i = 0; i < rows; ++i) {
    double loss = 0;
    for (const ComparedRun* run : runs) {
      loss += run->outcome->losses[i] / static_cast<double>(runs.size());
    }
    summary.curve_steps.push_back(runs.front()->outcome->steps[i]);
    summary.curve_losses.push_back(loss);
  }
}

}  // namespace

std::vector<BudgetView> ViewsOf(const Comparison& comparison) {
  const auto name = [](Budget budget) {
    return budget == Budget::kSteps ? "equal gradient steps" : "equal tokens";
  };
  const bool same = std::ranges::all_of(comparison.runs, [&](const ComparedRun& run) {
    return run.budgets.size() == comparison.budgets.size();
  });
  if (same && comparison.budgets.size() > 1) {
    return {{.budget = Budget::kSteps, .name = "equal gradient steps and tokens"}};
  }
  std::vector<BudgetView> views;
  for (const Budget budget : comparison.budgets) {
    views.push_back({.budget = budget, .name = name(budget)});
  }
  return views;
}

RowSummary Summarise(const Comparison& comparison, size_t row, size_t task, Budget budget) {
  const ComparedRun& any = FindRun(comparison, row, task, 0, budget);
  RowSummary summary{.row = row,
                     .task = task,
                     .steps = any.steps,
                     .tokens = any.tokens,
                     .context_episodes = any.context_episodes,
                     .context_steps = any.context_steps};
  const std::vector<const ComparedRun*> runs = DoneRuns(comparison, row, task, budget);
  summary.runs = static_cast<int64_t>(runs.size());
  if (runs.empty()) return summary;
  AddCosts(runs, summary);
  AddCurve(runs, summary);
  summary.play = SummarisePlay(comparison, row, task, budget);
  if (const auto& reference = runs.front()->outcome->reference) {
    summary.normalised = Normalised(*summary.play, *reference);
  }
  return summary;
}

std::optional<OverallSummary> SummariseOverall(const Comparison& comparison, size_t row,
                                               Budget budget) {
  Scores scores, paired, references;
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    const ReturnReference range = ScoresOf(comparison, task);
    const auto scored = [&](const std::vector<const ComparedRun*>& runs) {
      std::vector<double> values = Samples(runs, true, Last);
      for (double& value : values) value = range.Score(value);
      return values;
    };
    if (!PlaysIn(comparison.tasks[task])) return std::nullopt;
    const auto [runs, reference] = PairedRuns(comparison, row, task, budget);
    scores.push_back(scored(DoneRuns(comparison, row, task, budget)));
    paired.push_back(scored(runs));
    references.push_back(scored(reference));
    if (paired.back().empty()) return std::nullopt;
  }
  OverallSummary overall{.interquartile_mean = Bootstrap(scores, Aggregate::kInterquartileMean)};
  if (row != comparison.reference) {
    overall.difference = BootstrapDifference(paired, references, Aggregate::kInterquartileMean);
    overall.improvement = BootstrapImprovement(paired, references);
  }
  return overall;
}

ReturnReference ScoresOf(const Comparison& comparison, size_t task) {
  for (const ComparedRun& run : comparison.runs) {
    if (run.task == task && run.outcome && run.outcome->reference) return *run.outcome->reference;
  }
  return {.zero = comparison.tasks[task].mean_return,
          .hundred = comparison.tasks[task].best_return,
          .source = "mean and best return of the data"};
}

std::string IntervalNote(const Comparison& comparison) {
  if (comparison.seeds.size() == 1) {
    return "One training run per row: intervals (95 %, bootstrap) resample its evaluation seeds "
           "and "
           "say nothing about training.";
  }
  return "Intervals (95 %, bootstrap) resample the " + std::to_string(comparison.seeds.size()) +
         " training runs of each row" +
         (comparison.seeds.size() < 5 ? ", few enough for them to be rough." : ".");
}

}  // namespace longplay
