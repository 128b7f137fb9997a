// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace longplay {

/// Scores of training runs, [tasks][runs], higher is better. Tasks may differ in how many runs they
/// have, at least one each.
using Scores = std::vector<std::vector<double>>;

/// A statistic and its interval, between the percentiles of its resampled values.
struct Estimate {
  double value = 0, low = 0, high = 0;  // in the scores' units
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
// replacement and in each task apart, as many runs as the task has. One run has no interval: low
// and high are its score. All throw std::invalid_argument for scores without a task or a run.
// Source: Agarwal et al., arXiv 2108.13264, section 4; equal to rliable 1.2.0's functions.

double Aggregated(const Scores& scores, Aggregate aggregate, double goal = 1);
Estimate Bootstrap(const Scores& scores, Aggregate aggregate, const BootstrapOptions& options = {});

/// The mean of independent draws: evaluation seeds of one checkpoint, or training runs of one task.
Estimate BootstrapMean(const std::vector<double>& values, const BootstrapOptions& options = {});

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

nlohmann::json ToJson(const Estimate& estimate);  // {mean, ci95: [low, high]}

/// Of independent draws: {mean, ci95, interquartile_mean: {mean, ci95}}.
nlohmann::json SummaryOf(const std::vector<double>& values, const BootstrapOptions& options = {});

/// What an interval is of: {resampled: "training runs", count, method, resamples, confidence}.
nlohmann::json IntervalJson(const std::string& resampled, size_t count,
                            const BootstrapOptions& options = {});

}  // namespace longplay
