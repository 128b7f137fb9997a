// SPDX-License-Identifier: MIT
#include "agent/scoring/system_score.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "agent/names/closest_names.h"
#include "agent/scores/performance_profile.h"

namespace longplay {
namespace {

constexpr int kProfileThresholds = 101;

/// What intervals resample: a training run with its contexts, or a single seed.
struct Unit {
  std::string name;
  std::vector<const PlayedContext*> contexts;
};

std::vector<Unit> UnitsOf(const std::vector<PlayedContext>& contexts) {
  std::vector<Unit> units;
  for (const PlayedContext& context : contexts) {
    const std::string& name = context.run.empty() ? context.seed : context.run;
    const auto known = std::ranges::find(units, name, &Unit::name);
    Unit& unit =
        known == units.end() ? units.emplace_back(Unit{.name = name, .contexts = {}}) : *known;
    unit.contexts.push_back(&context);
  }
  return units;
}

using Measure = std::function<double(const std::vector<double>& returns, size_t n)>;

double LastOf(const std::vector<double>& returns, size_t n) { return returns[n - 1]; }

double BestOf(const std::vector<double>& returns, size_t n) {
  return *std::max_element(returns.begin(), returns.begin() + static_cast<ptrdiff_t>(n));
}

double MeanOf(const std::vector<double>& returns, size_t n) {
  return std::accumulate(returns.begin(), returns.begin() + static_cast<ptrdiff_t>(n), 0.0) /
         static_cast<double>(n);
}

std::vector<double> ByUnit(const std::vector<Unit>& units, size_t n, const Measure& measure) {
  std::vector<double> values;
  for (const Unit& unit : units) {
    std::vector<double> own;
    for (const PlayedContext* context : unit.contexts) own.push_back(measure(context->returns, n));
    values.push_back(Mean(own));
  }
  return values;
}

std::vector<Estimate> CurveOf(const std::vector<Unit>& units, size_t episodes,
                              const Measure& measure) {
  std::vector<Estimate> curve;
  for (size_t n = 1; n <= episodes; ++n) curve.push_back(BootstrapMean(ByUnit(units, n, measure)));
  return curve;
}

/// x less y: paired where the units have the same names in the same order, else the value alone.
Estimate LessOf(const std::vector<Unit>& x_units, const std::vector<double>& x,
                const std::vector<Unit>& y_units, const std::vector<double>& y) {
  if (std::ranges::equal(x_units, y_units, {}, &Unit::name, &Unit::name)) {
    return BootstrapDifference({x}, {y}, Aggregate::kMean);
  }
  return {.value = Mean(x) - Mean(y)};
}

const PlayedTask* TaskNamed(const PlayedSystem& system, const std::string& name) {
  const auto found = std::ranges::find(system.tasks, name, &PlayedTask::name);
  return found == system.tasks.end() ? nullptr : &*found;
}

TaskScore ScoreTask(const PlayedSystem& system, const PlayedTask& task,
                    const PlayedSystem& reference) {
  const std::vector<Unit> units = UnitsOf(task.contexts);
  const size_t episodes = task.episodes();
  TaskScore score{.system = system.name,
                  .task = task.name,
                  .runs = task.contexts.front().run.empty() ? 0 : units.size(),
                  .contexts = task.contexts.size(),
                  .curves = {.last = CurveOf(units, episodes, LastOf),
                             .best = CurveOf(units, episodes, BestOf),
                             .mean = CurveOf(units, episodes, MeanOf)},
                  .last_by_unit = ByUnit(units, episodes, LastOf)};
  if (!task.control.empty()) {
    const std::vector<Unit> control = UnitsOf(task.control);
    const std::vector<double> last = ByUnit(control, episodes, LastOf);
    score.control = BootstrapMean(last);
    score.gained = LessOf(units, score.last_by_unit, control, last);
  }
  for (size_t n = 1; n <= score.runs; ++n) {
    score.best_of_runs.push_back(ExpectedBest(score.last_by_unit, n));
  }
  if (const PlayedTask* tries = TaskNamed(reference, task.name)) {
    const std::vector<Unit> others = UnitsOf(tries->contexts);
    for (size_t n = 1; n <= std::min(episodes, tries->episodes()); ++n) {
      score.less_reference.push_back(
          LessOf(units, ByUnit(units, n, LastOf), others, ByUnit(others, n, BestOf)));
    }
  }
  return score;
}

std::optional<ReturnReference> ReferenceOf(const std::string& task, const ScoringOptions& options) {
  const auto given = options.references.find(task);
  return given == options.references.end() ? D4rlReference(task)
                                           : std::optional<ReturnReference>(given->second);
}

/// Names of all tasks, in the order of the systems.
std::vector<std::string> TasksOf(const std::vector<PlayedSystem>& systems) {
  std::vector<std::string> names;
  names.reserve(systems.size());
  for (const PlayedSystem& system : systems) {
    for (const PlayedTask& task : system.tasks) {
      if (std::ranges::find(names, task.name) == names.end()) names.push_back(task.name);
    }
  }
  return names;
}

/// Why scores cannot be put together over tasks; "" where they can.
std::string WhyNoAggregates(const SystemScores& scores, const ScoringOptions& options) {
  for (const std::string& task : TasksOf(scores.played)) {
    if (!ReferenceOf(task, options)) {
      std::string why = "No aggregates: ";
      why.append(task).append(" has no reference returns; --normalise ").append(task);
      return why.append("=LOW,HIGH gives them.");
    }
    for (const PlayedSystem& system : scores.played) {
      if (TaskNamed(system, task) == nullptr) {
        return "No aggregates: " + system.name + " was not played on " + task + ".";
      }
    }
  }
  return "";
}

/// Normalised returns of the last episode, [tasks][units].
Scores NormalisedLast(const SystemScores& scores, const std::string& system,
                      const ScoringOptions& options) {
  Scores normalised;
  for (const std::string& task : TasksOf(scores.played)) {
    const ReturnReference reference = *ReferenceOf(task, options);
    for (const TaskScore& score : scores.tasks) {
      if (score.system != system || score.task != task) continue;
      auto& units = normalised.emplace_back();
      for (const double value : score.last_by_unit) units.push_back(reference.Score(value) / 100);
    }
  }
  return normalised;
}

void AddAggregates(SystemScores& scores, const ScoringOptions& options) {
  scores.why_no_aggregates = WhyNoAggregates(scores, options);
  if (!scores.why_no_aggregates.empty()) return;
  std::vector<Scores> all;
  for (const PlayedSystem& system : scores.played) {
    all.push_back(NormalisedLast(scores, system.name, options));
  }
  scores.thresholds = ProfileThresholds(all, kProfileThresholds);
  for (size_t i = 0; i < all.size(); ++i) {
    AggregateScore& score = scores.aggregates.emplace_back();
    score.system = scores.played[i].name;
    score.interquartile_mean = Bootstrap(all[i], Aggregate::kInterquartileMean);
    score.mean = Bootstrap(all[i], Aggregate::kMean);
    score.median = Bootstrap(all[i], Aggregate::kMedian);
    score.optimality_gap = Bootstrap(all[i], Aggregate::kOptimalityGap);
    score.profile = PerformanceProfile(all[i], scores.thresholds);
    if (i != scores.reference) {
      score.improvement = BootstrapImprovement(all[i], all[scores.reference]);
    }
  }
}

size_t ReferenceIndex(const std::vector<PlayedSystem>& systems, const std::string& name) {
  if (name.empty()) return 0;
  std::vector<std::string> names;
  names.reserve(systems.size());
  for (const PlayedSystem& system : systems) names.push_back(system.name);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw std::invalid_argument("scoring: --reference: expected one of the systems (closest: " +
                                ClosestText(name, names) + "), got " + name);
  }
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

double ExpectedBest(std::vector<double> values, size_t n) {
  std::ranges::sort(values);
  const auto count = static_cast<double>(values.size());
  const auto power = static_cast<double>(n);
  double expected = 0;
  // The largest of n is the i-th value with the probability that all n are at most it, less that of
  // all n at most the one before.
  for (size_t i = 0; i < values.size(); ++i) {
    const auto below = static_cast<double>(i);
    const double share = std::pow((below + 1) / count, power) - std::pow(below / count, power);
    expected += values[i] * share;
  }
  return expected;
}

SystemScores ScoreSystems(std::vector<PlayedSystem> systems, const ScoringOptions& options) {
  SystemScores scores{.played = std::move(systems)};
  scores.reference = ReferenceIndex(scores.played, options.reference);
  bool with_runs = false, with_seeds = false;
  for (const PlayedSystem& system : scores.played) {
    for (const PlayedTask& task : system.tasks) {
      scores.tasks.push_back(ScoreTask(system, task, scores.played[scores.reference]));
      (scores.tasks.back().runs > 0 ? with_runs : with_seeds) = true;
    }
  }
  scores.resampled = with_runs && with_seeds ? "training runs where a table names them, else seeds"
                     : with_runs             ? "training runs"
                                             : "seeds";
  AddAggregates(scores, options);
  return scores;
}

}  // namespace longplay
