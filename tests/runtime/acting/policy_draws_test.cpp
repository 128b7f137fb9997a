// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "agent/acting/make_policy.h"
#include "agent/files/safetensors.h"
#include "tests/runtime/played_chains.h"
#include "tests/runtime/small_policy.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kDrawingChains = 4;
constexpr double kDrawTolerance = 1e-5;  // in the task's units, whose largest scale is 2

/// A policy with value heads whose values differ from action to action.
RunOptions WithValues(ActionHead head) {
  RunOptions options = SmallOptions();
  options.model.head = head;
  options.train.method = Method::kIcIql;
  options.methods.ic_iql.hidden = 24;
  options.methods.ic_iql.learning.reward_scale = 0.25;
  return options;
}

struct DrawOptions {
  bool sample = false;
  int64_t best_of = 0, draw_every = 1;
  double temperature = 0;
  uint64_t seed = 0;
};

longplay_policy_options ActingDraws(const DrawOptions& draws) {
  longplay_policy_options acting = ActingDefaults(kDrawingChains);
  acting.act = draws.best_of > 0 ? LONGPLAY_ACT_BEST_OF
               : draws.sample    ? LONGPLAY_ACT_SAMPLE
                                 : LONGPLAY_ACT_MEAN;
  if (draws.best_of > 0) acting.best_of = draws.best_of;
  acting.draw_every = draws.draw_every;
  acting.temperature = draws.temperature;
  acting.seed = draws.seed;
  return acting;
}

/// The largest difference from LibTorch's actions over ragged chains of several episodes.
double DrawDifference(const SmallPolicy& small, const DrawOptions& draws) {
  const auto ours = MakePolicy(small.loaded, {.chains = kDrawingChains,
                                              .sample = draws.sample,
                                              .best_of = draws.best_of,
                                              .temperature = draws.temperature,
                                              .draw_every = draws.draw_every,
                                              .seed = draws.seed});
  const ActingHandle acting = OpenActing(small.folder, ActingDraws(draws));
  return LargestDifference(*ours, acting.get(), kDrawingChains, /*episodes=*/3);
}

/// Actions of `steps` decisions of one chain that always sees the same, [steps][A].
std::vector<std::vector<double>> SameSight(const SmallPolicy& small, const DrawOptions& draws,
                                           int64_t steps) {
  longplay_policy_options options = ActingDraws(draws);
  options.chains = 1;
  const ActingHandle acting = OpenActing(small.folder, options);
  const double observation[3] = {0.5, -1, 2}, reward[1] = {0};
  uint8_t start[1] = {1};
  const longplay_view view = {observation, reward, start, nullptr};
  std::vector<std::vector<double>> actions;
  for (int64_t t = 0; t < steps; ++t) {
    actions.emplace_back(2);
    EXPECT_EQ(longplay_policy_act(acting.get(), &view, actions.back().data(), nullptr),
              LONGPLAY_OK);
    start[0] = 0;
  }
  return actions;
}

TEST(ActingDrawsTest, ADrawLastsAsManyDecisionsAsInLibTorch) {
  for (const ActionHead head : {ActionHead::kGaussian, ActionHead::kCategorical}) {
    RunOptions options = SmallOptions();
    options.model.head = head;
    const SmallPolicy small = MakeSmallPolicy(options);
    for (const int64_t every : {2, 3, 100}) {
      EXPECT_LT(DrawDifference(small, {.sample = true, .draw_every = every, .seed = 5}),
                kDrawTolerance);
    }
  }
}

TEST(ActingDrawsTest, ADrawThatLastsIsAnotherThanOneForEachDecision) {
  RunOptions options = SmallOptions();
  options.model.head = ActionHead::kGaussian;
  const SmallPolicy small = MakeSmallPolicy(options);
  const auto each = SameSight(small, {.sample = true, .seed = 5}, 6);
  const auto third = SameSight(small, {.sample = true, .draw_every = 3, .seed = 5}, 6);
  // The first decision is drawn alike, the next two with its numbers, the fourth anew.
  EXPECT_EQ(third[0], each[0]);
  EXPECT_NE(third[1], each[1]);
  EXPECT_NE(third[2], each[2]);
}

TEST(ActingDrawsTest, TheBestOfSeveralSamplesIsLibTorchs) {
  for (const ActionHead head : {ActionHead::kGaussian, ActionHead::kCategorical}) {
    const SmallPolicy small = MakeSmallPolicy(WithValues(head));
    // Fewer and more samples than are rated at once.
    for (const int64_t samples : {1, 3, 16, 21, 64}) {
      EXPECT_LT(DrawDifference(small, {.best_of = samples, .seed = 9}), kDrawTolerance) << samples;
    }
    EXPECT_LT(DrawDifference(small, {.best_of = 5, .draw_every = 2, .seed = 9}), kDrawTolerance);
    EXPECT_LT(DrawDifference(small, {.best_of = 20, .temperature = 0.5, .seed = 9}),
              kDrawTolerance);
  }
}

TEST(ActingDrawsTest, TheBestOfSeveralSamplesIsRatedByWindowsToo) {
  RunOptions options = WithValues(ActionHead::kGaussian);
  options.chain.window = 4;
  options.model.tokens.layout = TokenLayout::kInterleaved;
  EXPECT_LT(DrawDifference(MakeSmallPolicy(options), {.best_of = 8, .seed = 2}), kDrawTolerance);
}

TEST(ActingDrawsTest, SamplesAndTemperaturesChangeWhatIsDone) {
  const SmallPolicy small = MakeSmallPolicy(WithValues(ActionHead::kGaussian));
  const auto one = SameSight(small, {.best_of = 1, .seed = 4}, 8);
  const auto best = SameSight(small, {.best_of = 64, .seed = 4}, 8);
  const auto warm = SameSight(small, {.best_of = 64, .temperature = 1e6, .seed = 4}, 8);
  EXPECT_NE(one, best);
  EXPECT_NE(best, warm);
}

TEST(ActingDrawsTest, ADrawnChainGoesOnAfterARestart) {
  const SmallPolicy small = MakeSmallPolicy(WithValues(ActionHead::kGaussian));
  const longplay_policy_options options = ActingDraws({.best_of = 6, .draw_every = 4, .seed = 3});
  const ActingHandle whole = OpenActing(small.folder, options);
  const ActingHandle other = OpenActing(small.folder, options);
  RandomChains world(kDrawingChains, 3, 2);
  std::vector<double> actions(2 * kDrawingChains), again(2 * kDrawingChains);
  std::vector<char> saved(1 << 20);
  int64_t compared = 0;
  for (int64_t t = 0; !world.done(); world.Step(), ++t) {
    const longplay_view view = world.acting_view();
    ASSERT_EQ(longplay_policy_act(whole.get(), &view, actions.data(), nullptr), LONGPLAY_OK);
    if (t == 1) {  // in the middle of a draw
      for (int64_t i = 0; i < kDrawingChains; ++i) {
        size_t used = 0;
        ASSERT_EQ(longplay_policy_save(whole.get(), i, saved.data(), saved.size(), &used),
                  LONGPLAY_OK);
        ASSERT_EQ(longplay_policy_load(other.get(), i, saved.data(), used), LONGPLAY_OK);
      }
    }
    if (t < 2) continue;
    again = actions;  // rows of chains that are done stay
    ASSERT_EQ(longplay_policy_act(other.get(), &view, again.data(), nullptr), LONGPLAY_OK);
    EXPECT_EQ(again, actions) << t;
    ++compared;
  }
  EXPECT_GT(compared, 3);
}

TEST(ActingDrawsTest, WhatAPolicyCannotDrawIsRefusedByOneLine) {
  const auto open = [](const SmallPolicy& small,
                       const std::function<void(longplay_policy_options&)>& change, int code,
                       const char* text) {
    longplay_policy_options options = ActingDefaults(1);
    change(options);
    longplay_policy* policy = nullptr;
    char message[LONGPLAY_MESSAGE_SIZE] = "";
    EXPECT_EQ(
        longplay_policy_open(small.folder.c_str(), &options, &policy, message, sizeof message),
        code);
    EXPECT_THAT(message, HasSubstr(text));
    longplay_policy_close(policy);
  };
  const auto best = [](longplay_policy_options& options) { options.act = LONGPLAY_ACT_BEST_OF; };
  RunOptions options = SmallOptions();
  options.model.head = ActionHead::kGaussian;
  const SmallPolicy plain = MakeSmallPolicy(options);
  open(plain, best, LONGPLAY_NOT_SUPPORTED, "without value heads (train.method ic_iql has them)");
  open(
      plain, [](longplay_policy_options& o) { o.draw_every = 0; }, LONGPLAY_WRONG_ARGUMENT,
      "draw_every: expected 1 to 1000000");
  open(
      plain, [](longplay_policy_options& o) { o.best_of = 0; }, LONGPLAY_WRONG_ARGUMENT,
      "best_of: expected 1 to 100000");
  open(
      plain, [](longplay_policy_options& o) { o.temperature = -1; }, LONGPLAY_WRONG_ARGUMENT,
      "temperature: expected 0 or a number above it");
  const ActingHandle opened = OpenActing(plain.folder, ActingDefaults(1));
  EXPECT_EQ(longplay_policy_set_act(opened.get(), LONGPLAY_ACT_BEST_OF, 1), LONGPLAY_NOT_SUPPORTED);
  EXPECT_EQ(longplay_policy_set_act(opened.get(), 3, 1), LONGPLAY_WRONG_ARGUMENT);
  open(MakeSmallPolicy(WithValues(ActionHead::kSquaredError)), best, LONGPLAY_NOT_SUPPORTED,
       "whose head draws nothing (model.head gaussian or categorical does)");
}

TEST(ActingDrawsTest, DamagedValueHeadsAreRefusedByOneLine) {
  const SmallPolicy small = MakeSmallPolicy(WithValues(ActionHead::kGaussian));
  const std::string path = small.folder + "/model.safetensors";
  const TensorMap whole = ReadSafetensors(path);
  for (const char* name : {"values.first_0.weight", "values.second_2.bias"}) {
    TensorMap weights = whole;
    weights.erase(name);
    WriteSafetensors(path, weights);
    longplay_policy* policy = nullptr;
    char message[LONGPLAY_MESSAGE_SIZE] = "";
    EXPECT_EQ(longplay_policy_open(small.folder.c_str(), nullptr, &policy, message, sizeof message),
              LONGPLAY_DAMAGED);
    EXPECT_THAT(message, HasSubstr(name));
    longplay_policy_close(policy);
  }
}

TEST(ActingDrawsTest, APolicyTellsWhetherItHasValues) {
  for (const Method method : {Method::kSequence, Method::kIcIql}) {
    RunOptions options = WithValues(ActionHead::kGaussian);
    options.train.method = method;
    const SmallPolicy small = MakeSmallPolicy(options);
    const ActingHandle acting = OpenActing(small.folder, ActingDefaults(1));
    longplay_policy_description about;
    about.size = sizeof about;
    ASSERT_EQ(longplay_policy_describe(acting.get(), &about), LONGPLAY_OK);
    EXPECT_EQ(about.has_values, method == Method::kIcIql ? 1 : 0);
  }
}

}  // namespace
}  // namespace longplay
