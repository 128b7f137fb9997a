// SPDX-License-Identifier: MIT
#include "model/layers/stack_plan.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace longplay {
namespace {

ModelOptions OptionsOf(MixerKind mixer, int64_t layers) {
  return {.observation_size = 1, .action_size = 1, .mixer = mixer, .layers = layers};
}

std::vector<MixerKind> MixersOf(const StackPlan& plan) {
  std::vector<MixerKind> mixers;
  for (const LayerPlan& layer : plan.layers) mixers.push_back(layer.mixer);
  return mixers;
}

TEST(StackPlanTest, TaipanIsMamba2WithSelectiveAttentionAfterEachPeriod) {
  ModelOptions options = OptionsOf(MixerKind::kTaipan, 5);
  options.taipan.period = 1;
  const StackPlan plan = PlanStack(options);
  const MixerKind m = MixerKind::kMamba2, t = MixerKind::kTaipan;
  EXPECT_EQ(MixersOf(plan), (std::vector<MixerKind>{m, t, m, t, m}));
  EXPECT_EQ(plan.layers[0].feed_forward, FeedForwardKind::kNone);
  EXPECT_EQ(plan.layers[1].feed_forward, FeedForwardKind::kSwiGlu);
  EXPECT_EQ(plan.layers[1].norm, NormKind::kRootMeanSquare);
  EXPECT_FALSE(plan.attends_blockwise);
}

TEST(StackPlanTest, MasFormerIsAttentionWithFewFullLayers) {
  ModelOptions options = OptionsOf(MixerKind::kMasFormer, 4);
  options.masformer = {.full_layers = 2, .placement = FullLayers::kInterleaved, .span = 7};
  const StackPlan plan = PlanStack(options);
  std::vector<int64_t> spans;
  for (const LayerPlan& layer : plan.layers) spans.push_back(layer.span);
  EXPECT_EQ(spans, (std::vector<int64_t>{0, 7, 0, 7}));
  EXPECT_TRUE(plan.attends_blockwise);
}

TEST(StackPlanTest, RecurrentMemoryIsAttentionWithoutSpans) {
  ModelOptions options = OptionsOf(MixerKind::kRecurrentMemory, 2);
  EXPECT_TRUE(PlanStack(options).has_memory);
  EXPECT_TRUE(PlanStack(options).attends_blockwise);
  options.attention.span = 4;
  EXPECT_THROW(PlanStack(options), c10::Error);
}

TEST(StackPlanTest, OneLayerOfAKindIsItsFirst) {
  ModelOptions options = OptionsOf(MixerKind::kAttention, 4);
  const MixerKind a = MixerKind::kAttention, r = MixerKind::kRwkv;
  options.layer_mixers = {a, r, a, r};
  const StackPlan plan = PlanStack(options);
  EXPECT_TRUE(plan.layers[1].place.is_first);
  EXPECT_FALSE(plan.layers[3].place.is_first);
  EXPECT_TRUE(plan.layers[1].has_channel_mixer);
  EXPECT_FALSE(plan.normalises_tokens);  // it begins with attention
  EXPECT_TRUE(PlanStack(OptionsOf(r, 1)).normalises_tokens);
}

TEST(StackPlanTest, WhatIsAskedForGoesBeforeWhatAMixersSourceHas) {
  ModelOptions options = OptionsOf(MixerKind::kRwkv, 1);
  options.norm = NormKind::kRootMeanSquare;
  options.feed_forward = FeedForwardKind::kRelu;
  const LayerPlan layer = PlanStack(options).layers.front();
  EXPECT_EQ(layer.norm, NormKind::kRootMeanSquare);
  EXPECT_EQ(layer.feed_forward, FeedForwardKind::kRelu);
  EXPECT_FALSE(layer.has_channel_mixer);
}

TEST(StackPlanTest, ImpossibleStacksAreRefused) {
  EXPECT_THROW(PlanStack(OptionsOf(MixerKind::kAttention, 0)), c10::Error);
  EXPECT_THROW(PlanStack(OptionsOf(MixerKind::kTaipan, 3)), c10::Error);  // its period is 6
  ModelOptions options = OptionsOf(MixerKind::kAttention, 2);
  options.layer_mixers = {MixerKind::kMamba};
  EXPECT_THROW(PlanStack(options), c10::Error);
}

}  // namespace
}  // namespace longplay
