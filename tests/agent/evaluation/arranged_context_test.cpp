// SPDX-License-Identifier: MIT
#include "agent/evaluation/arranged_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "agent/acting/function_policy.h"
#include "agent/acting/make_environment.h"
#include "agent/acting/make_policy.h"
#include "agent/evaluation/evaluation.h"
#include "agent/runs/checkpoint.h"

namespace longplay {
namespace {

constexpr char kFamily[] = "family/point-goal-v0";
constexpr int64_t kChains = 4, kEpisodes = 3;

std::unique_ptr<Environment> Make(const std::string& id = kFamily) {
  return MakeEnvironment(id, {.batch = kChains, .parameters = ParameterSet::kHeldOut});
}

/// Random weights, and a head that makes what it remembers count.
LoadedPolicy RandomPolicy(const EnvironmentSpec& spec,
                          ActionHead head = ActionHead::kSquaredError) {
  torch::manual_seed(3);
  LoadedPolicy policy;
  ModelOptions& model = policy.record.options.model;
  model = {.observation_size = spec.observation_size,
           .action_size = spec.action_size,
           .head = head,
           .layers = 1,
           .feed_forward_width = 32,
           .max_episode_steps = spec.max_episode_steps};
  model.attention.width = 16;
  model.attention.heads = 2;
  policy.record.options.chain.episodes = kEpisodes;
  policy.record.best_return = 10;
  policy.record.normalizer = {.observation_mean = std::vector<double>(spec.observation_size, 0.0),
                              .observation_std = std::vector<double>(spec.observation_size, 1.0),
                              .action_center = std::vector<double>(spec.action_size, 0.1),
                              .action_scale = std::vector<double>(spec.action_size, 0.7)};
  policy.network = PolicyNetwork(model);
  policy.network->eval();
  const torch::NoGradGuard no_grad;
  for (auto& parameter : policy.network->parameters()) {
    parameter.copy_(0.5 * torch::randn_like(parameter));
  }
  return policy;
}

std::vector<double> LastReturns(const EvaluationResult& result) {
  return result.PerSeed(Measure::kLast);
}

EvaluationResult Play(const LoadedPolicy& policy, LastContext last, int64_t episodes = kEpisodes) {
  const EvaluateOptions options{.environment = kFamily,
                                .episodes = episodes,
                                .seeds = kChains,
                                .context = ContextUse::kAllEpisodes,
                                .last_context = last,
                                .action_repeat = 1};
  return Evaluate(policy, options);
}

// The oracle of the replay: with nothing rearranged it must end as the first time.
TEST(ArrangedContextTest, WhatWasPlayedShownAgainEndsAsBefore) {
  const std::unique_ptr<Environment> environment = Make();
  const LoadedPolicy policy = RandomPolicy(environment->spec(), ActionHead::kGaussian);
  // Sampled: the last episode's actions must be drawn as the first time, too.
  const PolicyOptions acting{
      .chains = kChains, .target = 10, .sample = true, .context = ContextUse::kAllEpisodes};
  const RolloutOptions options{.episodes = kEpisodes, .seed = 7};
  const std::unique_ptr<Policy> first = MakePolicy(policy, acting);
  PlayedEpisodes played(kChains);
  FunctionPolicy recorded([&](const RolloutView& view, std::span<double> actions) {
    first->Act(view, actions);
    played.Add(view, actions);
  });
  const RolloutResult result = Rollout(*environment, recorded, options);
  const Arrangement before = Arrange(LastContext::kAsPlayed, result, *environment);
  const std::unique_ptr<Policy> second = MakePolicy(policy, acting);
  const auto last = PlayLastEpisodes(*environment, *second, played, before, options);
  ASSERT_EQ(last.size(), kChains);
  for (int64_t i = 0; i < kChains; ++i) {
    EXPECT_NEAR(last[i].episode_return, result[i].back().episode_return, 1e-4) << i;
    EXPECT_EQ(last[i].length, result[i].back().length);
  }
}

TEST(ArrangedContextTest, OnlyTheLastEpisodesChange) {
  const LoadedPolicy policy = RandomPolicy(Make()->spec());
  const EvaluationResult as_played = Play(policy, LastContext::kAsPlayed);
  for (const LastContext last : {LastContext::kSorted, LastContext::kAnotherTask}) {
    const EvaluationResult arranged = Play(policy, last);
    EXPECT_NE(LastReturns(arranged), LastReturns(as_played));
    for (int64_t i = 0; i < kChains; ++i) {
      EXPECT_EQ(arranged.returns[i][0], as_played.returns[i][0]);
      EXPECT_EQ(arranged.returns[i][1], as_played.returns[i][1]);
    }
  }
  EXPECT_EQ(LastReturns(Play(policy, LastContext::kAnotherTask, 1)),
            LastReturns(Play(policy, LastContext::kAsPlayed, 1)));  // nothing stands before it
}

TEST(ArrangedContextTest, SortedIsAscendingByReturn) {
  const RolloutResult played = {{{.episode_return = 3}, {.episode_return = 1}, {}},
                                {{.episode_return = 1}, {.episode_return = 1}, {}}};
  const std::unique_ptr<Environment> environment = Make();
  const Arrangement before = Arrange(LastContext::kSorted, played, *environment);
  using Place = std::pair<int64_t, int64_t>;
  EXPECT_THAT(before[0], testing::ElementsAre(Place(0, 1), Place(0, 0)));
  EXPECT_THAT(before[1], testing::ElementsAre(Place(1, 0), Place(1, 1)));
}

TEST(ArrangedContextTest, AnotherTaskHasAnotherHiddenParameter) {
  const std::unique_ptr<Environment> environment = Make("family/cheetah-direction-v0");
  const RolloutResult played(kChains, std::vector<EpisodeResult>(kEpisodes));
  for (int64_t i = 0; i < kChains; ++i) environment->StartChain(i, i);
  for (int64_t i = 0; i < kChains; ++i) {
    const Arrangement before = Arrange(LastContext::kAnotherTask, played, *environment);
    for (const auto& [chain, episode] : before[i]) {
      EXPECT_NE(environment->hidden_parameter()->parameter(chain)[0],
                environment->hidden_parameter()->parameter(i)[0]);
    }
  }
}

TEST(ArrangedContextTest, WithoutAnotherTaskThereIsAnError) {
  const std::unique_ptr<Environment> environment = Make("dm_control/cartpole-swingup-v0");
  const RolloutResult played(kChains, std::vector<EpisodeResult>(kEpisodes));
  EXPECT_THROW(Arrange(LastContext::kAnotherTask, played, *environment), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
