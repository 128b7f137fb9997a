// SPDX-License-Identifier: MIT
#include "agent/scores/statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>

namespace longplay {
namespace {

void Check(const Scores& scores) {
  if (scores.empty()) {
    throw std::invalid_argument("aggregating scores: expected at least one task, got none");
  }
  for (size_t task = 0; task < scores.size(); ++task) {
    if (!scores[task].empty()) continue;
    throw std::invalid_argument("aggregating scores: task " + std::to_string(task) +
                                ": expected at least one run, got none");
  }
}

void CheckSameTasks(const Scores& x, const Scores& y) {
  Check(x);
  Check(y);
  if (x.size() == y.size()) return;
  throw std::invalid_argument("comparing scores: expected the same tasks, got " +
                              std::to_string(x.size()) + " and " + std::to_string(y.size()));
}

void CheckPaired(const Scores& x, const Scores& y) {
  CheckSameTasks(x, y);
  for (size_t task = 0; task < x.size(); ++task) {
    if (x[task].size() == y[task].size()) continue;
    throw std::invalid_argument(
        "pairing scores: task " + std::to_string(task) + ": expected as many runs in both, got " +
        std::to_string(x[task].size()) + " and " + std::to_string(y[task].size()));
  }
}

std::vector<double> Flat(const Scores& scores) {
  std::vector<double> all;
  for (const std::vector<double>& task : scores) all.insert(all.end(), task.begin(), task.end());
  return all;
}

/// `values` ascending; between two of them linearly, as numpy's percentile.
double Quantile(const std::vector<double>& values, double share) {
  const double place = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return Quantile(values, 0.5);
}

double InterquartileMean(std::vector<double> values) {
  std::ranges::sort(values);
  const auto cut = static_cast<int64_t>(values.size() / 4);  // rounded down, as scipy's trim_mean
  return Mean({values.begin() + cut, values.end() - cut});
}

std::vector<double> TaskMeans(const Scores& scores) {
  std::vector<double> means;
  for (const std::vector<double>& task : scores) means.push_back(Mean(task));
  return means;
}

/// Of too few runs for an interval: those of one task are all there is to say.
Estimate OfFew(double value, const Scores& runs) {
  if (runs.size() > 1 || runs[0].size() < 2) return {.value = value};
  const auto [low, high] = std::ranges::minmax(runs[0]);
  return {.value = value, .low = low, .high = high, .spread = Spread::kRange, .runs = runs[0]};
}

/// The statistic and the percentiles of its resampled values.
Estimate Between(double value, std::vector<double>& resampled, const BootstrapOptions& options) {
  std::ranges::sort(resampled);
  const double tail = (1 - options.confidence) / 2;
  return {.value = value,
          .low = Quantile(resampled, tail),
          .high = Quantile(resampled, 1 - tail),
          .spread = Spread::kInterval};
}

/// The statistic and the percentiles of `draw`, which computes it anew from resampled runs.
Estimate Percentiles(double value, const BootstrapOptions& options,
                     const std::function<double(std::mt19937_64&)>& draw) {
  std::mt19937_64 random(options.seed);
  std::vector<double> values(options.resamples);
  for (double& resampled : values) resampled = draw(random);
  return Between(value, values, options);
}

/// Of each pair.
Scores Differences(const Scores& x, const Scores& y) {
  Scores differences = x;
  for (size_t task = 0; task < x.size(); ++task) {
    for (size_t i = 0; i < x[task].size(); ++i) differences[task][i] -= y[task][i];
  }
  return differences;
}

/// Which run stands at each place of a resample, [runs].
void DrawRuns(std::mt19937_64& random, std::vector<size_t>& runs) {
  std::uniform_int_distribution<size_t> draw(0, runs.size() - 1);
  for (size_t& run : runs) run = draw(random);
}

/// Fills `into` with runs of `scores`, in each task apart.
void Resample(const Scores& scores, std::mt19937_64& random, Scores& into) {
  for (size_t task = 0; task < scores.size(); ++task) {
    std::vector<size_t> runs(scores[task].size());
    DrawRuns(random, runs);
    for (size_t i = 0; i < runs.size(); ++i) into[task][i] = scores[task][runs[i]];
  }
}

/// Mann-Whitney's statistic as a share of all pairs; `below` and `above` ascending.
double ShareAbove(const std::vector<double>& above, const std::vector<double>& below) {
  double pairs = 0;
  for (const double value : above) {
    const auto [first, last] = std::equal_range(below.begin(), below.end(), value);
    pairs += static_cast<double>(first - below.begin()) + 0.5 * static_cast<double>(last - first);
  }
  return pairs / static_cast<double>(above.size() * below.size());
}

}  // namespace

bool AllowInterval(const Scores& scores) {
  const size_t fewest = scores.size() == 1 ? kFewestForInterval : kFewestOfSeveralTasks;
  return std::ranges::all_of(scores, [&](const auto& task) { return task.size() >= fewest; });
}

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double Aggregated(const Scores& scores, Aggregate aggregate, double goal) {
  Check(scores);
  switch (aggregate) {
    case Aggregate::kMean:
      return Mean(TaskMeans(scores));
    case Aggregate::kMedian:
      return Median(TaskMeans(scores));
    case Aggregate::kInterquartileMean:
      return InterquartileMean(Flat(scores));
    case Aggregate::kOptimalityGap: {
      // What lies beyond the goal closes no gap of another run.
      std::vector<double> reached = Flat(scores);
      for (double& score : reached) score = std::min(score, goal);
      return goal - Mean(reached);
    }
  }
  throw std::invalid_argument("aggregating scores: got an unknown aggregate");
}

Estimate Bootstrap(const Scores& scores, Aggregate aggregate, const BootstrapOptions& options) {
  const double value = Aggregated(scores, aggregate, options.goal);
  if (!AllowInterval(scores)) return OfFew(value, scores);
  Scores drawn = scores;
  return Percentiles(value, options, [&](std::mt19937_64& random) {
    Resample(scores, random, drawn);
    return Aggregated(drawn, aggregate, options.goal);
  });
}

std::vector<Estimate> BootstrapAll(
    const Scores& scores, const std::function<std::vector<double>(const Scores&)>& statistics,
    const BootstrapOptions& options) {
  Check(scores);
  std::vector<Estimate> estimates;
  for (const double value : statistics(scores)) estimates.push_back({.value = value});
  if (!AllowInterval(scores)) return estimates;
  std::mt19937_64 random(options.seed);
  Scores drawn = scores;
  std::vector<std::vector<double>> resampled(estimates.size());
  // Every resample gives one value of each statistic.
  for (int64_t i = 0; i < options.resamples; ++i) {
    Resample(scores, random, drawn);
    const std::vector<double> values = statistics(drawn);
    for (size_t s = 0; s < values.size(); ++s) resampled[s].push_back(values[s]);
  }
  for (size_t s = 0; s < estimates.size(); ++s) {
    estimates[s] = Between(estimates[s].value, resampled[s], options);
  }
  return estimates;
}

Estimate BootstrapMean(const std::vector<double>& values, const BootstrapOptions& options) {
  return Bootstrap({values}, Aggregate::kMean, options);
}

double ProbabilityOfImprovement(const Scores& x, const Scores& y) {
  CheckSameTasks(x, y);
  double sum = 0;
  for (size_t task = 0; task < x.size(); ++task) {
    std::vector<double> below = y[task];
    std::ranges::sort(below);
    sum += ShareAbove(x[task], below);
  }
  return sum / static_cast<double>(x.size());
}

Estimate BootstrapImprovement(const Scores& x, const Scores& y, const BootstrapOptions& options) {
  const double value = ProbabilityOfImprovement(x, y);
  if (!AllowInterval(x) || !AllowInterval(y)) return {.value = value};
  // Not paired: each side is resampled by itself.
  Scores drawn_x = x, drawn_y = y;
  return Percentiles(value, options, [&](std::mt19937_64& random) {
    Resample(x, random, drawn_x);
    Resample(y, random, drawn_y);
    return ProbabilityOfImprovement(drawn_x, drawn_y);
  });
}

Estimate BootstrapDifference(const Scores& x, const Scores& y, Aggregate aggregate,
                             const BootstrapOptions& options) {
  CheckPaired(x, y);
  const auto difference = [&](const Scores& a, const Scores& b) {
    return Aggregated(a, aggregate, options.goal) - Aggregated(b, aggregate, options.goal);
  };
  if (!AllowInterval(x)) return OfFew(difference(x, y), Differences(x, y));
  Scores drawn_x = x, drawn_y = y;
  return Percentiles(difference(x, y), options, [&](std::mt19937_64& random) {
    for (size_t task = 0; task < x.size(); ++task) {
      std::vector<size_t> runs(x[task].size());
      // The same runs of both, so that pairs stay together.
      DrawRuns(random, runs);
      for (size_t i = 0; i < runs.size(); ++i) {
        drawn_x[task][i] = x[task][runs[i]];
        drawn_y[task][i] = y[task][runs[i]];
      }
    }
    return difference(drawn_x, drawn_y);
  });
}

nlohmann::json ToJson(const Estimate& estimate) {
  nlohmann::json json = {{"mean", estimate.value}, {"ci95", nullptr}};
  // A range is no interval: nobody reads one as the other.
  const nlohmann::json bounds = {estimate.low, estimate.high};
  if (estimate.spread == Spread::kInterval) json["ci95"] = bounds;
  if (estimate.spread == Spread::kRange) json["range"] = bounds;
  return json;
}

nlohmann::json SummaryOf(const std::vector<double>& values, const BootstrapOptions& options) {
  nlohmann::json json = ToJson(BootstrapMean(values, options));
  json["interquartile_mean"] = ToJson(Bootstrap({values}, Aggregate::kInterquartileMean, options));
  return json;
}

nlohmann::json IntervalJson(const std::string& resampled, size_t count,
                            const BootstrapOptions& options) {
  return {{"resampled", resampled},
          {"count", count},
          {"method", "percentile bootstrap"},
          {"resamples", options.resamples},
          {"confidence", options.confidence}};
}

}  // namespace longplay
