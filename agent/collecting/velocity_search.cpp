// SPDX-License-Identifier: MIT
#include "agent/collecting/velocity_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "env/list/environment_id.h"

namespace longplay {
namespace {

// See env/family/cheetah.cpp and env/literature/cheetah.cpp, whose rewards and first 17 observations
// are alike.
constexpr char kVelocityTask[] = "family/cheetah-velocity-v0";
constexpr char kPublishedTask[] = "literature/cheetah-vel-v0";
constexpr double kControlCostWeight = 0.05;
constexpr size_t kForwardVelocity = 8;  // in the observation

constexpr int64_t kSpeedingUp = 60;  // [decisions] that tell nothing
constexpr int64_t kGuesses = 196;    // looked through
constexpr double kMostNoise = 0.2;
// Two guesses are as good as each other if they explain the clues equally well but for this.
constexpr double kTolerance = 0.02;  // [m/s]

double GuessAt(int64_t i, const VelocityRange& range) {
  return range.slowest + (range.fastest - range.slowest) * static_cast<double>(i) / (kGuesses - 1);
}

/// Mean difference between the errors that a wish would have led to and those that were seen.
double Mismatch(const std::vector<VelocityClue>& clues, double wish) {
  double sum = 0;
  for (const VelocityClue& clue : clues) {
    sum += std::abs(std::abs(clue.velocity - wish) - clue.error);
  }
  return sum / static_cast<double>(clues.size());
}

}  // namespace

double GuessVelocity(const std::vector<VelocityClue>& clues, RandomGenerator& random,
                     const VelocityRange& range) {
  if (clues.empty()) return random.Uniform(range.slowest, range.fastest);
  // How well the best guess explains the clues.
  double least = Mismatch(clues, GuessAt(0, range));
  for (int64_t i = 1; i < kGuesses; ++i)
    least = std::min(least, Mismatch(clues, GuessAt(i, range)));
  // The middle of each range of guesses that are as good as the best.
  std::vector<double> best;
  for (int64_t i = 0, first = -1; i <= kGuesses; ++i) {
    const bool good = i < kGuesses && Mismatch(clues, GuessAt(i, range)) <= least + kTolerance;
    if (good && first < 0) first = i;
    if (!good && first >= 0) {
      best.push_back((GuessAt(first, range) + GuessAt(i - 1, range)) / 2);
      first = -1;
    }
  }
  return best[random.Index(static_cast<int64_t>(best.size()))];
}

VelocitySearch::VelocitySearch(int64_t simulations, VelocityActor actor, int64_t action_repeat,
                               const VelocityRange& range)
    : actor_(std::move(actor)),
      range_(range),
      action_repeat_(static_cast<double>(action_repeat)),
      searchers_(simulations, {.random = RandomGenerator(0, RandomGenerator::Stream::kLearner)}) {}

bool VelocitySearch::Handles(const std::string& environment) {
  const std::string name = ParseEnvironmentId(environment).name;
  return name == kVelocityTask || name == kPublishedTask;
}

VelocityRange VelocitySearch::RangeOf(const std::string& environment) {
  if (ParseEnvironmentId(environment).name == kPublishedTask) return {.slowest = 0, .fastest = 3};
  return {};
}

std::string VelocitySearch::OracleOf(const std::string& environment) {
  const std::string name = ParseEnvironmentId(environment).name;
  const size_t version = name.rfind("-v");
  return name.substr(0, version) + "-oracle" + environment.substr(version);
}

void VelocitySearch::StartHistory(int64_t i, uint64_t seed) {
  searchers_[i] = {.random = RandomGenerator(seed, RandomGenerator::Stream::kLearner)};
  searchers_[i].noise = kMostNoise * searchers_[i].random.Uniform(0, 1);
}

void VelocitySearch::StartEpisode(int64_t i) {
  Searcher& searcher = searchers_[i];
  // What the episode before told, if it lasted past speeding up.
  if (searcher.counted > 0) {
    const auto count = static_cast<double>(searcher.counted);
    searcher.clues.push_back({searcher.sum.velocity / count, searcher.sum.error / count});
  }
  searcher.aim = GuessVelocity(searcher.clues, searcher.random, range_);
  searcher.sum = {};
  searcher.steps = searcher.counted = 0;
}

void VelocitySearch::Act(int64_t i, std::span<const double> observation, std::span<double> action) {
  Searcher& searcher = searchers_[i];
  actor_(observation, searcher.aim, searcher.random, action);
  // Of the action with its noise, as the task counts it.
  searcher.cost = 0;
  for (double& a : action) {
    a = std::clamp(a + searcher.noise * searcher.random.Normal(), -1.0, 1.0);
    searcher.cost += kControlCostWeight * a * a;
  }
}

void VelocitySearch::See(int64_t i, std::span<const double> observation, double reward) {
  Searcher& searcher = searchers_[i];
  if (searcher.steps++ < kSpeedingUp) return;
  searcher.sum.velocity += observation[kForwardVelocity];
  // Per control step the reward is -|velocity - wish| - cost.
  searcher.sum.error += -reward / action_repeat_ - searcher.cost;
  ++searcher.counted;
}

}  // namespace longplay
