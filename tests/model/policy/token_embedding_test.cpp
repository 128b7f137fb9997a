// SPDX-License-Identifier: MIT
#include "model/policy/token_embedding.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <utility>
#include <vector>

#include "tests/model/random_steps.h"

namespace longplay {
namespace {

ModelOptions SmallOptions(TokenLayout layout) {
  ModelOptions options{.observation_size = 3, .action_size = 2};
  options.tokens.layout = layout;
  options.attention.width = 8;
  options.max_episode_steps = 6;
  options.max_episodes = 3;
  return options;
}

TokenEmbedding MakeEmbedding(const ModelOptions& options) {
  torch::manual_seed(1);
  TokenEmbedding embedding(options);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : embedding->parameters()) parameter.normal_(0, 0.3);
  embedding->to(torch::kFloat64);
  return embedding;
}

StepTensors SomeSteps(const ModelOptions& options) {
  torch::manual_seed(2);
  return RandomSteps(options, 2, 7, torch::kFloat64);  // episodes of 4
}

/// A step's tokens as [B, N, tokens, D].
torch::Tensor ByStep(TokenEmbedding& embedding, const StepTensors& steps) {
  return embedding->forward(steps).unflatten(1, {-1, embedding->tokens_per_step()});
}

class TokenLayoutTest : public testing::TestWithParam<TokenLayout> {};

TEST_P(TokenLayoutTest, NormalisedTokensAreTheNormOfThePlainOnesPlusTheOffset) {
  ModelOptions options = SmallOptions(GetParam());
  options.tokens.normalise = true;
  auto normalised = MakeEmbedding(options);
  options.tokens.normalise = false;
  auto plain = MakeEmbedding(options);
  const torch::NoGradGuard no_grad;
  const auto parameters = normalised->named_parameters();
  for (auto& item : plain->named_parameters()) item.value().copy_(parameters[item.key()]);
  const StepTensors steps = SomeSteps(options);
  const auto expected = torch::layer_norm(plain->forward(steps), {8}, parameters["norm.weight"],
                                          parameters["norm.bias"], 1e-5) +
                        parameters["offset"];
  EXPECT_TRUE(torch::equal(normalised->forward(steps), expected));
}

TEST_P(TokenLayoutTest, AnEmbeddingSwitchedOffIsATableOfZeros) {
  for (const bool normalise : {false, true}) {
    for (const auto& [step, episode] :
         std::vector<std::pair<bool, bool>>{{false, true}, {true, false}, {false, false}}) {
      ModelOptions options = SmallOptions(GetParam());
      options.tokens.normalise = normalise;
      auto whole = MakeEmbedding(options);
      options.step_embedding = step;
      options.episode_embedding = episode;
      auto without = MakeEmbedding(options);
      const torch::NoGradGuard no_grad;
      auto parameters = whole->named_parameters();
      if (!step) parameters["step.weight"].zero_();
      if (!episode) parameters["episode.weight"].zero_();
      for (auto& item : without->named_parameters()) item.value().copy_(parameters[item.key()]);
      EXPECT_EQ(without->parameters().size(), parameters.size() - !step - !episode);
      const StepTensors steps = SomeSteps(options);
      EXPECT_TRUE(torch::equal(without->forward(steps), whole->forward(steps)));
    }
  }
}

TEST_P(TokenLayoutTest, OffsetIsZeroAtFirstAndOnlyThereWhenNormalising) {
  ModelOptions options = SmallOptions(GetParam());
  EXPECT_FALSE(TokenEmbedding(options)->named_parameters().contains("offset"));
  options.tokens.normalise = true;
  EXPECT_EQ(TokenEmbedding(options)->named_parameters()["offset"].abs().max().item<float>(), 0);
}

INSTANTIATE_TEST_SUITE_P(BothLayouts, TokenLayoutTest,
                         testing::Values(TokenLayout::kMerged, TokenLayout::kInterleaved));

TEST(TokenEmbeddingTest, FollowingTheStreamGivesPreviousTokensThePlaceOfTheirOwnStep) {
  ModelOptions options = SmallOptions(TokenLayout::kInterleaved);
  auto plain = MakeEmbedding(options);
  options.tokens.follow_stream = true;
  auto following = MakeEmbedding(options);
  EXPECT_EQ(plain->previous_tokens(), 0);
  EXPECT_EQ(following->previous_tokens(), 3);
  const StepTensors steps = SomeSteps(options);
  StepTensors before = steps;
  before.episode_steps = (steps.episode_steps - 1).clamp_min(0);
  const auto tokens = ByStep(following, steps);
  EXPECT_TRUE(torch::equal(tokens.slice(2, 0, 3), ByStep(plain, before).slice(2, 0, 3)));
  EXPECT_TRUE(torch::equal(tokens.slice(2, 3, 5), ByStep(plain, steps).slice(2, 3, 5)));
}

TEST(TokenEmbeddingTest, OnlyKindsInUseCountAsPrevious) {
  ModelOptions options = SmallOptions(TokenLayout::kInterleaved);
  options.tokens.follow_stream = true;
  options.tokens.use_reward = options.tokens.use_completion = false;
  EXPECT_EQ(TokenEmbedding(options)->previous_tokens(), 1);
  options.tokens.use_action = false;
  EXPECT_EQ(TokenEmbedding(options)->previous_tokens(), 0);
}

TEST(TokenEmbeddingTest, FollowingTheStreamNeedsInterleavedTokensOfTheStepItself) {
  ModelOptions options = SmallOptions(TokenLayout::kMerged);
  options.tokens.follow_stream = true;
  EXPECT_THROW(TokenEmbedding{options}, c10::Error);
  options.tokens.layout = TokenLayout::kInterleaved;
  options.tokens.use_return = options.tokens.use_observation = false;
  EXPECT_THROW(TokenEmbedding{options}, c10::Error);
}

}  // namespace
}  // namespace longplay
