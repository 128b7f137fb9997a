// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace longplay {

/// Scores of training runs, [tasks][runs], higher is better. Tasks may differ in how many runs they
/// have, at least one each.
using Scores = std::vector<std::vector<double>>;

/// What a statistic's bounds are, which depends on how many runs it is of.
enum class Spread {
  kNone,     // one run: nothing is known
  kRange,    // too few for an interval: from the least to the largest of them
  kInterval  // between the percentiles of resampled values
};

/// Fewer runs of one task give no interval and no probability of improvement. A percentile interval
/// is never wider than the runs' range, and the range of three runs misses the median of all
/// possible ones in 1 of 4 cases, that of four in 1 of 8. Where two policies do not differ, all of
/// three runs of one lie on one side of all of three of the other in 1 of 10 comparisons, of four
/// runs in 1 of 35. Several tasks back each other: three runs of each are enough there.
inline constexpr size_t kFewestForInterval = 4, kFewestOfSeveralTasks = 3;

/// A statistic and what is known of how far it is off.
struct Estimate {
  double value = 0;              // in the scores' units, as all of it
  double low = NAN, high = NAN;  // NaN without a spread
  Spread spread = Spread::kNone;
  std::vector<double> runs = {};  // of a range: the single values
};

/// How scores become one number.
enum class Aggregate {
  kMean,               // over tasks, of each task's mean
  kMedian,             // over tasks, of each task's mean
  kInterquartileMean,  // of all runs of all tasks without the lowest and highest quarter
  kOptimalityGap       // mean over all runs of how far below BootstrapOptions::goal they stay
};

struct BootstrapOptions {
  int64_t resamples = 10000;
  double confidence = 0.95;
  uint64_t seed = 0;  // the same scores and seed always give the same interval
  double goal = 1;    // for kOptimalityGap: the score beyond which nothing is left to gain
};

/// Of at least one value.
double Mean(const std::vector<double>& values);

// Intervals are percentile intervals of the stratified bootstrap: each resample draws, with
// replacement and in each task apart, as many runs as the task has. Few runs of one task have no
// interval: a range, or nothing where it is one run, or where tasks are several. All throw std::invalid_argument for scores without a task or a run.
// Source: Agarwal et al., arXiv 2108.13264, section 4; equal to rliable 1.2.0's functions.

double Aggregated(const Scores& scores, Aggregate aggregate, double goal = 1);
Estimate Bootstrap(const Scores& scores, Aggregate aggregate, const BootstrapOptions& options = {});

/// Any statistic of scores, and several of them from the same resamples. Throws as above.
std::vector<Estimate> BootstrapAll(
    const Scores& scores, const std::function<std::vector<double>(const Scores&)>& statistics,
    const BootstrapOptions& options = {});

/// The mean of independent draws: evaluation seeds of one checkpoint, or training runs of one task.
Estimate BootstrapMean(const std::vector<double>& values, const BootstrapOptions& options = {});

/// Whether scores are of enough runs for an interval.
bool AllowInterval(const Scores& scores);

/// Mean over tasks of the probability that a run of `x` scores higher than one of `y`, a tie being
/// half. The runs of both are resampled independently. Throws std::invalid_argument when the
/// numbers of tasks differ.
double ProbabilityOfImprovement(const Scores& x, const Scores& y);
Estimate BootstrapImprovement(const Scores& x, const Scores& y,
                              const BootstrapOptions& options = {});

/// Aggregate of `x` less that of `y`, whose run r of a task is paired with run r of `x` (trained
/// from the same seed): pairs are resampled, so that what a seed does to both cancels.
/// Throws std::invalid_argument when tasks or runs differ in number.
Estimate BootstrapDifference(const Scores& x, const Scores& y, Aggregate aggregate,
                             const BootstrapOptions& options = {});

/// {mean, ci95: [low, high]}; of a range {mean, ci95: null, range: [low, high]}, of one value
/// {mean, ci95: null}.
nlohmann::json ToJson(const Estimate& estimate);

/// Of independent draws: {mean, ci95, interquartile_mean: {mean, ci95}}.
nlohmann::json SummaryOf(const std::vector<double>& values, const BootstrapOptions& options = {});

/// What an interval is of: {resampled: "training runs", count, method, resamples, confidence}.
nlohmann::json IntervalJson(const std::string& resampled, size_t count,
                            const BootstrapOptions& options = {});

}  // namespace longplay
