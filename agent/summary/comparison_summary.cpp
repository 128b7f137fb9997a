// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "agent/summary/row_comparison.h"
#include "agent/summary/run_samples.h"

namespace longplay {
namespace {

/// Of those that are there.
double MeanOf(const std::vector<double>& values) {
  double sum = 0, count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}
double First(const std::vector<double>& episodes) { return episodes.front(); }
/// fmax and fmin leave out what is not there, the NaN that they start from included.
double Largest(const std::vector<double>& episodes) {
  return std::accumulate(episodes.begin(), episodes.end(), NAN,
                         [](double a, double b) { return std::fmax(a, b); });
}
double Least(const std::vector<double>& episodes) {
  return std::accumulate(episodes.begin(), episodes.end(), NAN,
                         [](double a, double b) { return std::fmin(a, b); });
}

std::vector<double> Negated(std::vector<double> values) {
  for (double& value : values) value = -value;
  return values;
}

/// NaN where no chain has what is asked for.
Estimate EstimateOf(const std::vector<double>& samples) {
  return samples.empty() ? Estimate{.value = NAN} : BootstrapMean(samples);
}

/// Nothing of fewer runs than an interval takes: their order may be chance.
std::optional<Estimate> Improvement(const std::vector<double>& x, const std::vector<double>& y,
                                    bool plays) {
  if (!AllowInterval({x}) || !AllowInterval({y})) return std::nullopt;
  // Of errors the smaller one is the better.
  return plays ? BootstrapImprovement({x}, {y}) : BootstrapImprovement({Negated(x)}, {Negated(y)});
}

PlaySummary SummarisePlay(const Comparison& comparison, size_t row, size_t task, Budget budget) {
  const std::vector<const ComparedRun*> runs = DoneRuns(comparison, row, task, budget);
  const SampleOf sample = SampleIn(comparison);
  const bool plays = PlaysIn(comparison.tasks[task]);
  // Within training; episodes beyond it are in by_episode alone.
  const auto over = [&](const Pick& pick) { return EstimateOf(Samples(runs, sample, pick)); };
  const size_t played = MeasuredOf(*runs.front()->outcome).front().size();
  PlaySummary play{.scored_episode = ScoredEpisodes(*runs.front(), played),
                   .first = over(First),
                   .last = over(Last),
                   .mean = over(MeanOf),
                   .best = over(plays ? Largest : Least)};
  for (size_t e = 0; e < played; ++e) {
    play.by_episode.push_back(EstimateOf(
        SamplesOfAll(runs, sample, [e](const std::vector<double>& at) { return at[e]; })));
  }
  if (play.scored_episode < played) play.beyond = play.by_episode.back();
  // Against the reference, by the seeds from which both have a run.
  if (row == comparison.reference) return play;
  if (const auto compared = CompareRows(comparison, row, comparison.reference, task, budget)) {
    play.difference = compared->difference;
  }
  // Evaluation seeds of one run say nothing about whether another run would be better.
  if (sample == SampleOf::kTrainingRuns) {
    const auto [own, others] =
        PairedSamples(PairedRuns(comparison, row, comparison.reference, task, budget), sample);
    play.improvement = Improvement(own, others, plays);
  }
  return play;
}

Estimate Scored(const Estimate& estimate, const ReturnReference& reference) {
  Estimate scored{.value = reference.Score(estimate.value),
                  .low = reference.Score(estimate.low),
                  .high = reference.Score(estimate.high),
                  .spread = estimate.spread,
                  .runs = estimate.runs};
  for (double& run : scored.runs) run = reference.Score(run);
  return scored;
}

PlaySummary Normalised(PlaySummary play, const ReturnReference& reference) {
  for (Estimate* estimate : {&play.first, &play.last, &play.mean, &play.best}) {
    *estimate = Scored(*estimate, reference);
  }
  for (Estimate& estimate : play.by_episode) estimate = Scored(estimate, reference);
  if (play.beyond) play.beyond = Scored(*play.beyond, reference);
  // A difference is scaled, not shifted.
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
    // What other programs took away is not the policy's: the least.
    summary.milliseconds_per_action =
        run == runs.front()
            ? outcome.milliseconds_per_action
            : std::min(summary.milliseconds_per_action, outcome.milliseconds_per_action);
    // Of sizes the largest: a machine must hold it.
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

/// Where all runs were measured: one may have begun to be later than the others.
void AddMeasured(const std::vector<const ComparedRun*>& runs, RowSummary& summary) {
  std::map<std::string, std::map<double, std::vector<double>>> values;  // by name and step
  for (const ComparedRun* run : runs) {
    for (const auto& [name, curve] : run->outcome->measured) {
      for (size_t i = 0; i < curve.steps.size(); ++i) {
        values[name][curve.steps[i]].push_back(curve.values[i]);
      }
    }
  }
  for (const auto& [name, by_step] : values) {
    for (const auto& [step, samples] : by_step) {
      if (samples.size() < runs.size()) continue;
      summary.measured[name].steps.push_back(step);
      summary.measured[name].values.push_back(BootstrapMean(samples));
    }
  }
}

}  // namespace

std::vector<BudgetView> ViewsOf(const Comparison& comparison) {
  const auto name = [](Budget budget) {
    return budget == Budget::kSteps ? "equal gradient steps" : "equal tokens";
  };
  // Every run meets all budgets: one view says it all.
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
  // What does not depend on the seed is known before a run is done.
  const ComparedRun& any = FindRun(comparison, row, task, 0, budget);
  RowSummary summary{.row = row,
                     .task = task,
                     .steps = any.steps,
                     .tokens = any.tokens,
                     .context_episodes = any.context_episodes,
                     .episodes_apart = any.episodes_apart,
                     .context_steps = any.context_steps};
  const std::vector<const ComparedRun*> runs = DoneRuns(comparison, row, task, budget);
  summary.runs = static_cast<int64_t>(runs.size());
  if (runs.empty()) return summary;
  AddCosts(runs, summary);
  AddCurve(runs, summary);
  AddMeasured(runs, summary);
  summary.play = SummarisePlay(comparison, row, task, budget);
  if (const auto& reference = runs.front()->outcome->reference) {
    summary.normalised = Normalised(*summary.play, *reference);
  }
  return summary;
}

std::optional<OverallSummary> SummariseOverall(const Comparison& comparison, size_t row,
                                               Budget budget) {
  const auto scores = ScoresOnTasks(comparison, row, row, budget);
  if (!scores) return std::nullopt;
  OverallSummary overall{.interquartile_mean =
                             Bootstrap(scores->first, Aggregate::kInterquartileMean)};
  // The difference is of pairs, which may be fewer than the row's own runs.
  const auto pairs = ScoresOnTasks(comparison, row, comparison.reference, budget);
  if (row == comparison.reference || !pairs) return overall;
  const auto& [own, others] = *pairs;
  overall.difference = BootstrapDifference(own, others, Aggregate::kInterquartileMean);
  if (AllowInterval(own)) overall.improvement = BootstrapImprovement(own, others);
  return overall;
}

std::string TaskName(const ComparedTask& task) {
  if (!task.name.empty()) return task.name;
  return task.environment.empty() ? task.data : task.environment;
}

std::string IntervalNote(const Comparison& comparison) {
  const size_t runs = comparison.seeds.size();
  if (runs == 1) {
    return "Each row has one training run: intervals (95 %, bootstrap) resample its evaluation "
           "seeds and say nothing about training.";
  }
  const std::string each = std::to_string(runs) + " training runs of each row";
  if (runs < kFewestForInterval) {
    return "The " + each +
           " are too few for an interval: dots show the runs, (a to b) is their range.";
  }
  return "Intervals (95 %, bootstrap) resample the " + each +
         (runs < 10 ? "; with so few runs they are rather too narrow." : ".");
}

}  // namespace longplay
