// SPDX-License-Identifier: MIT
#include "env/family/fog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

/// What is known of a normal number.
struct Belief {
  double mean = 0, variance = 0;
};

/// The twin of the filter: a vector's n numbers and their n noisy readings are jointly normal, and
/// the last number given all readings is one linear system: mean = c^T C^-1 o, variance = 1 - c^T C^-1 c
/// with C_ij = rho^|i - j| + [i = j] sigma^2 and c_i = rho^(n - 1 - i). By elimination.
Belief LastGivenReadings(const FogOptions& options, const std::vector<double>& readings) {
  const auto n = static_cast<int64_t>(readings.size());
  const double rho = 1 - options.drift;
  const auto power = [rho](int64_t k) { return std::pow(rho, static_cast<double>(k)); };
  // Rows of C with two right-hand sides: the readings and c.
  std::vector<std::vector<double>> rows(n, std::vector<double>(n + 2));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) rows[i][j] = power(std::abs(i - j));
    rows[i][i] += options.sigma * options.sigma;
    rows[i][n] = readings[i];
    rows[i][n + 1] = power(n - 1 - i);
  }
  // C is positive definite: no pivots.
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t k = 0; k < n; ++k) {
      if (k == i) continue;
      const double factor = rows[k][i] / rows[i][i];
      for (int64_t j = i; j < n + 2; ++j) rows[k][j] -= factor * rows[i][j];
    }
  }
  Belief belief{.variance = 1};
  for (int64_t i = 0; i < n; ++i) {
    belief.mean += power(n - 1 - i) * rows[i][n] / rows[i][i];
    belief.variance -= power(n - 1 - i) * rows[i][n + 1] / rows[i][i];
  }
  return belief;
}

std::string IdOf(const FogOptions& options) {
  return std::string(kFogTask) + "?drift=" + std::to_string(options.drift) +
         "&sigma=" + std::to_string(options.sigma) + "&steps=" + std::to_string(options.steps);
}

/// Acts with the filter's mean in B episodes. Returns the reward of each step, summed over them, and
/// the sum of squares.
std::vector<std::pair<double, double>> FilterRewards(const FogOptions& options, int64_t episodes) {
  const auto environment = MakeListedEnvironment(IdOf(options), {.batch = episodes});
  std::vector<FogFilter> filters(episodes, FogFilter(options));
  for (int64_t i = 0; i < episodes; ++i) environment->Reset(i, 7 + static_cast<uint64_t>(i));
  const std::vector<uint8_t> active(episodes, 1);
  std::vector<double> actions(kFogSize * episodes);
  std::vector<std::pair<double, double>> rewards(options.steps);
  for (int t = 0; t < options.steps; ++t) {
    for (int64_t i = 0; i < episodes; ++i) {
      filters[i].See(environment->observation(i));
      for (int64_t k = 0; k < kFogSize; ++k) actions[kFogSize * i + k] = filters[i].mean()[k];
    }
    for (const StepOutcome& outcome : environment->Step(actions, active)) {
      rewards[t].first += outcome.reward;
      rewards[t].second += outcome.reward * outcome.reward;
    }
  }
  return rewards;
}

TEST(FogTest, TheFilterIsTheGaussianPosteriorOfAllReadings) {
  for (const FogOptions& options :
       {FogOptions{.drift = 0, .sigma = 3}, FogOptions{.drift = 0.1, .sigma = 2},
        FogOptions{.drift = 1, .sigma = 2}}) {
    FogFilter filter(options);
    std::vector<double> readings;
    for (int t = 0; t < 25; ++t) {
      readings.push_back(4 * std::sin(1.7 * t));
      filter.See(std::vector<double>{readings.back(), -readings.back()});
      const Belief expected = LastGivenReadings(options, readings);
      EXPECT_NEAR(filter.mean()[0], expected.mean, 1e-12) << options.drift << " " << t;
      EXPECT_NEAR(filter.mean()[1], -expected.mean, 1e-12) << options.drift << " " << t;
      EXPECT_NEAR(filter.variance(), expected.variance, 1e-12) << options.drift << " " << t;
    }
  }
}

TEST(FogTest, WithoutDriftTheVarianceFallsWithTheNumberOfReadings) {
  const std::vector<double> variances = FogVariances({}, 1000000);
  for (const int64_t t : {1, 10, 900, 100000, 1000000}) {
    EXPECT_NEAR(variances[t - 1] * (1 + static_cast<double>(t) / 900), 1, 1e-9) << t;
  }
}

// v = sigma^2 / (t + sigma^2), also where sigma^2 is next to nothing beside 1.
TEST(FogTest, ASmallNoiseKeepsItsDigits) {
  for (const double sigma : {1e-6, 1e-4, 1e-3}) {
    const std::vector<double> variances = FogVariances({.sigma = sigma}, 100000);
    for (const int64_t t : {1, 100, 100000}) {
      const double limit = sigma * sigma / (static_cast<double>(t) + sigma * sigma);
      EXPECT_NEAR(variances[t - 1] / limit, 1, 1e-9) << sigma << " " << t;
    }
  }
}

// Where it ends, another reading takes away what drift has added.
TEST(FogTest, WithDriftTheVarianceEndsAtAnEighth) {
  const std::vector<double> variances = FogVariances({.drift = 1e-5}, 200000);
  const double v = variances.back(), rho = 1 - 1e-5;
  const double p = rho * rho * v + 1 - rho * rho;
  EXPECT_NEAR(v, p * 900 / (p + 900), 1e-12);
  EXPECT_NEAR(v, 0.125, 0.001);
  // What a reading weighs falls by half in about 4,700 steps, by e in about 6,700 ...
  const double memory = -1 / std::log(rho * (1 - v / 900));
  EXPECT_NEAR(memory, 6700, 50);
  // ... and after ten such times nothing is left to gain.
  EXPECT_NEAR(variances[67000] / v, 1, 1e-6);
}

TEST(FogTest, TheLastReadingsOfAnEpisodeTellAsMuchAsTheFirstOnes) {
  const FogOptions options{.drift = 0.02, .sigma = 4};
  std::vector<double> readings;
  readings.reserve(60);
  for (int t = 0; t < 60; ++t) readings.push_back(std::cos(t));
  for (const int64_t w : {1, 8, 20}) {
    // The posterior of the last number from its window alone, and what w readings of a fresh filter say.
    FogFilter filter(options);
    const std::vector<double> window(readings.end() - w, readings.end());
    for (const double reading : window) filter.See(std::vector<double>{reading, 0});
    const Belief expected = LastGivenReadings(options, window);
    EXPECT_NEAR(filter.mean()[0], expected.mean, 1e-12) << w;
    EXPECT_NEAR(FogVariances(options, w).back(), expected.variance, 1e-12) << w;
    // All readings tell more.
    EXPECT_GT(expected.variance, FogVariances(options, 60).back()) << w;
  }
}

TEST(FogTest, TheFilterEarnsTheLimitAtEveryStep) {
  constexpr int64_t kEpisodes = 4000;
  for (const FogOptions& options : {FogOptions{.drift = 0, .sigma = 3, .steps = 40},
                                    FogOptions{.drift = 0.05, .sigma = 2, .steps = 40}}) {
    const auto rewards = FilterRewards(options, kEpisodes);
    const std::vector<double> variances = FogVariances(options, options.steps);
    for (int t = 0; t < options.steps; ++t) {
      const double mean = rewards[t].first / kEpisodes;
      const double spread = rewards[t].second / kEpisodes - mean * mean;
      // 80 steps are looked at: 4.5 standard errors happen by chance once in 1,800 such tests.
      EXPECT_NEAR(mean, -2 * variances[t], 4.5 * std::sqrt(spread / kEpisodes)) << t;
    }
  }
}

TEST(FogTest, TheVectorStaysWithoutDriftAndKeepsItsSizeWithIt) {
  constexpr int64_t kEpisodes = 4000;
  const std::vector<uint8_t> active(kEpisodes, 1);
  // Without noise (almost) the reading is the vector.
  for (const std::string drift : {"0", "0.3"}) {
    const auto environment =
        MakeListedEnvironment("family/fog-v0?sigma=1e-6&drift=" + drift, {.batch = kEpisodes});
    for (int64_t i = 0; i < kEpisodes; ++i) environment->Reset(i, static_cast<uint64_t>(i));
    std::vector<double> first;
    for (int64_t i = 0; i < kEpisodes; ++i) first.push_back(environment->observation(i)[0]);
    for (int t = 0; t < 3; ++t) {
      environment->Step(std::vector<double>(kFogSize * kEpisodes, 0.0), active);
    }
    double squares = 0, product = 0, change = 0;
    for (int64_t i = 0; i < kEpisodes; ++i) {
      const double now = environment->observation(i)[0];
      squares += now * now / kEpisodes;
      product += now * first[i] / kEpisodes;
      change = std::max(change, std::abs(now - first[i]));
    }
    // A variance and a covariance of 4,000 normal numbers: standard errors of 0.022 at most.
    EXPECT_NEAR(squares, 1, 0.09) << drift;
    EXPECT_NEAR(product, drift == "0" ? 1 : 0.7 * 0.7 * 0.7, 0.09) << drift;
    if (drift == "0") {
      EXPECT_LT(change, 1e-4);
    }
  }
}

TEST(FogTest, ActionsChangeNothingButTheReward) {
  const auto one = MakeListedEnvironment("family/fog-v0", {});
  const auto other = MakeListedEnvironment("family/fog-v0", {});
  one->Reset(0, 3);
  other->Reset(0, 3);
  const std::vector<uint8_t> active = {1};
  for (int t = 0; t < 5; ++t) {
    // From outside the bounds as from the bound.
    const double a = one->Step(std::vector<double>{5, -5}, active)[0].reward;
    const double b = other->Step(std::vector<double>{7, -1000}, active)[0].reward;
    EXPECT_EQ(a, b);
    EXPECT_LT(a, 0);
    EXPECT_THAT(one->observation(0),
                ElementsAre(other->observation(0)[0], other->observation(0)[1]));
  }
  EXPECT_THAT(one->spec().action_low, ElementsAre(-5, -5));
  EXPECT_THAT(one->spec().action_high, ElementsAre(5, 5));
}

TEST(FogTest, DriftChangesNoNoise) {
  const std::vector<uint8_t> active = {1};
  const std::vector<double> nothing = {0, 0};
  const auto still = MakeListedEnvironment("family/fog-v0", {});
  const auto moving = MakeListedEnvironment("family/fog-v0?drift=1e-9", {});
  still->Reset(0, 11);
  moving->Reset(0, 11);
  for (int t = 0; t < 20; ++t) {
    EXPECT_NEAR(still->observation(0)[0], moving->observation(0)[0], 1e-2) << t;
    still->Step(nothing, active);
    moving->Step(nothing, active);
  }
}

TEST(FogTest, AnEpisodeEndsAtItsLastStepAlone) {
  const auto environment = MakeListedEnvironment("family/fog-v0?steps=3", {});
  EXPECT_EQ(environment->spec().max_episode_steps, 3);
  environment->Reset(0, 1);
  const std::vector<uint8_t> active = {1};
  const std::vector<double> nothing = {0, 0};
  EXPECT_FALSE(environment->Step(nothing, active)[0].over());
  EXPECT_FALSE(environment->Step(nothing, active)[0].over());
  const StepOutcome last = environment->Step(nothing, active)[0];
  EXPECT_TRUE(last.truncated);
  EXPECT_FALSE(last.terminated);
}

TEST(FogTest, ImpossibleArgumentsAreRefused) {
  for (const auto& [arguments, part] : std::vector<std::pair<std::string, std::string>>{
           {"drift=-1e-9", "drift: expected 0 to 1, got \"-1e-9\""},
           {"drift=1.5", "drift: expected 0 to 1, got \"1.5\""},
           {"sigma=0", "sigma: expected 0.000001 to 1000000, got \"0\""},
           {"sigma=inf", "sigma: expected 0.000001 to 1000000, got \"inf\""},
           {"steps=0", "steps: expected 1 to 1000000, got \"0\""},
           {"steps=1e7", "steps: expected 1 to 1000000, got \"1e7\""},
           {"steps=2.5", "steps: expected a whole number"},
           {"noise=3", "expected one of: drift, sigma, steps; got noise"}}) {
    EXPECT_THAT([&] { MakeListedEnvironment("family/fog-v0?" + arguments, {}); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(part)));
  }
}

}  // namespace
}  // namespace longplay
