// SPDX-License-Identifier: MIT
#include "agent/filtering/fog_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/agent/filtering/fog_run.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

double MeanOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// A policy that always does nothing: its head is 0.
LoadedPolicy IdlePolicy(const RunOptions& options) {
  LoadedPolicy policy = UntrainedFogPolicy(options);
  const torch::NoGradGuard no_grad;
  for (auto& [name, parameter] : policy.network->named_parameters().pairs()) {
    if (name.starts_with("head.")) parameter.zero_();
  }
  return policy;
}

TEST(FogScoreTest, LengthsAreOneTwoFive) {
  EXPECT_THAT(ContextLengths(1), ElementsAre(1));
  EXPECT_THAT(ContextLengths(10), ElementsAre(1, 2, 5, 10));
  EXPECT_THAT(ContextLengths(60), ElementsAre(1, 2, 5, 10, 20, 50, 60));
  EXPECT_EQ(ContextLengths(1000000).size(), 19U);
}

TEST(FogScoreTest, DoingNothingLosesWhatTheFilterKnows) {
  const LoadedPolicy policy = IdlePolicy(FogRun("family/fog-v0?sigma=2&drift=0.01"));
  const FogScore score = ScoreInFog(policy, {.steps = 100, .episodes = 500, .most_episodes = 2000});
  ASSERT_EQ(score.rows.size(), 7U);
  for (const FogScoreRow& row : score.rows) {
    // |m|^2 is exponential: its deviation is its mean. 4 standard errors.
    const double error = 4 / std::sqrt(static_cast<double>(row.excess.size()));
    EXPECT_NEAR(MeanOf(row.excess) / row.zero_action, 1, error) << row.step;
  }
  EXPECT_NEAR(score.rows[0].variance, 4.0 / 5, 1e-12);
  EXPECT_NEAR(score.rows[0].zero_action, 0.25, 1e-12);
}

TEST(FogScoreTest, ShorterEpisodesAreMore) {
  const LoadedPolicy policy = IdlePolicy(FogRun("family/fog-v0"));
  int64_t told = -1, all = 0;
  const FogScore score = ScoreInFog(policy, {.steps = 100, .episodes = 2, .most_episodes = 20},
                                    [&](int64_t done, int64_t of) {
                                      EXPECT_GT(done, told);
                                      told = done;
                                      all = of;
                                    });
  // 2 of 100 steps, 8 of 20 (the longest row within a quarter), 20 of 5.
  std::vector<size_t> counts;
  for (const FogScoreRow& row : score.rows) counts.push_back(row.excess.size());
  EXPECT_THAT(counts, ElementsAre(30, 30, 30, 10, 10, 2, 2));
  EXPECT_EQ(told, 2 * 100 + 8 * 20 + 20 * 5);
  EXPECT_EQ(all, told);
}

TEST(FogScoreTest, EpisodesAtOnceChangeNothing) {
  const LoadedPolicy policy = UntrainedFogPolicy(FogRun("family/fog-v0"));
  const FogScoreOptions options{.steps = 50, .episodes = 6, .most_episodes = 6};
  FogScoreOptions one_by_one = options;
  one_by_one.tokens_at_once = 1;
  const FogScore all = ScoreInFog(policy, options), each = ScoreInFog(policy, one_by_one);
  for (size_t row = 0; row < all.rows.size(); ++row) {
    for (size_t i = 0; i < 6; ++i) {
      // float32 actions of several chains at once; measured: 1e-6 of the excess.
      EXPECT_NEAR(all.rows[row].excess[i] / each.rows[row].excess[i], 1, 1e-4);
    }
  }
}

TEST(FogScoreTest, AWindowHasItsOwnLimit) {
  RunOptions options = FogRun("family/fog-v0?sigma=3");
  options.chain.window = 10;  // as trained
  const FogScore score = ScoreInFog(IdlePolicy(options), {.steps = 100, .episodes = 1});
  EXPECT_EQ(score.window, 10);
  // v_10 = 9 / 19 and v_100 = 9 / 109: (1 / 19) / (1 / 109) - 1.
  EXPECT_NEAR(score.rows.back().window, 109.0 / 19 - 1, 1e-9);
  EXPECT_EQ(score.rows[3].step, 10);
  EXPECT_EQ(score.rows[3].window, 0);
  // What is in context is never more than was in training.
  FogScore trained = score;
  trained.trained_steps = 10;
  EXPECT_THAT(FogScoreText(trained), Not(HasSubstr("beyond training")));
  trained.window = 20;
  EXPECT_THAT(FogScoreText(trained), HasSubstr("beyond training"));
  EXPECT_EQ(ScoreInFog(IdlePolicy(options), {.steps = 20, .episodes = 1, .window = 4}).window, 4);
}

TEST(FogScoreTest, TablesHoldEveryLength) {
  const FogScore score = ScoreInFog(IdlePolicy(FogRun("family/fog-v0?drift=1e-5")),
                                    {.steps = 20, .episodes = 8, .most_episodes = 8});
  const nlohmann::json json = ToJson(score);
  EXPECT_EQ(json["drift"], 1e-5);
  EXPECT_EQ(json["sigma"], 30.0);
  ASSERT_EQ(json["excess"].size(), 5U);
  EXPECT_EQ(json["excess"][4]["step"], 20);
  EXPECT_EQ(json["excess"][4]["episodes"], 8);
  EXPECT_NEAR(json["excess"][4]["mean"], MeanOf(score.rows[4].excess), 1e-12);
  EXPECT_EQ(json["excess"][4]["ci95"].size(), 2U);
  const std::string csv = FogScoreCsv(score);
  EXPECT_THAT(csv, HasSubstr("step,limit,zero_action,window,episodes,mean,low,high\n1,-1.99778,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 6);
  EXPECT_THAT(FogScoreText(score), HasSubstr("family/fog-v0?drift=1e-5: excess over the limit"));
  EXPECT_THAT(FogScoreText(score), Not(HasSubstr("trained on")));
  const FogScore other = ScoreInFog(IdlePolicy(FogRun("family/fog-v0?sigma=9")),
                                    {.environment = "family/fog-v0", .steps = 2, .episodes = 1});
  EXPECT_THAT(FogScoreText(other), HasSubstr("; trained on family/fog-v0?sigma=9\n"));
}

TEST(FogScoreTest, OtherTasksAndPoliciesAreRefused) {
  const auto message = [](const RunOptions& options, const std::string& part) {
    EXPECT_THAT([&] { ScoreInFog(UntrainedFogPolicy(options), {.steps = 2}); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(part)));
  };
  message(FogRun("family/point-goal-v0"),
          "environment: expected family/fog-v0, whose limit is known, got family/point-goal-v0");
  message(FogRun(""), "got none");
  EXPECT_THAT(
      [] {
        ScoreInFog(UntrainedFogPolicy(FogRun("literature/point-robot-v0")),
                   {.environment = "family/fog-v0", .steps = 2});
      },
      ThrowsMessage<std::invalid_argument>(
          HasSubstr("expected a policy of family/fog-v0, got one of literature/point-robot-v0")));
  EXPECT_THAT(
      [] {
        ScoreInFog(UntrainedFogPolicy(FogRun("family/fog-v0")),
                   {.steps = 2, .episodes = 3, .most_episodes = 2});
      },
      ThrowsMessage<std::invalid_argument>(
          HasSubstr("episodes: expected at most most_episodes = 2, got 3")));
  RunOptions rewards = FogRun("family/fog-v0");
  rewards.model.tokens.use_reward = true;
  message(rewards, "rewards would give the hidden vector away");
  EXPECT_THROW(ScoreInFog(UntrainedFogPolicy(FogRun("fog")), {.steps = 0}), std::invalid_argument);
  LoadedPolicy actor;
  actor.record.options = FogRun("fog");
  EXPECT_THAT([&] { ScoreInFog(actor, {.steps = 2}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("got an actor")));
}

}  // namespace
}  // namespace longplay
