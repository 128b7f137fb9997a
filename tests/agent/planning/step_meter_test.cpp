// SPDX-License-Identifier: MIT
#include "agent/planning/step_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "agent/training/fit_to_data.h"
#include "agent/training/train.h"
#include "model/memory/memory_meter.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

/// Two episodes of 1,500 steps: a chain of both is a context of 3,000.
EpisodeSet LongEpisodes() {
  const std::string path = TemporaryPath("long_episodes");
  MinariWriter writer(
      path,
      {.observation_size = 3, .action_size = 2, .action_low = {-1, -1}, .action_high = {1, 1}});
  for (int64_t e = 0; e < 2; ++e) {
    Episode episode{.observation_size = 3, .action_columns = 2, .truncated = true};
    for (int64_t t = 0; t <= 1500; ++t) {
      const double x = std::sin(static_cast<double>(t * (e + 1)));
      episode.observations.insert(episode.observations.end(), {x, -x, 1});
      if (t == 1500) break;
      episode.actions.insert(episode.actions.end(), {x, 0});
      episode.rewards.push_back(x);
    }
    writer.Write(episode, {{"history", e}});
  }
  writer.Finish();
  return EpisodeSet::Load({path});
}

RunOptions LongRun() {
  RunOptions options = SmallRun("");
  options.model.attention.query_block = options.model.attention.key_block = 128;
  options.train.steps = 2;
  options.train.device = "cpu";
  options.train.log_every = 1;
  return options;
}

// The meter's step is training's: what a run of the whole loop holds at its peak.
TEST(StepMeterTest, BytesAreThoseOfTraining) {
  const EpisodeSet set = LongEpisodes();
  for (const Keep keep : {Keep::kEverything, Keep::kLayerInputs}) {
    RunOptions options = LongRun();
    options.model.keep = keep;
    options.chain.episodes = 2;
    const RunOptions fitted = FitToData(options, set);
    const StepCost cost = StepMeter(fitted).Measure({.steps = 3000}, 0);
    InstallMemoryMeter();
    const int64_t before = CurrentTensorBytes();
    ResetPeakTensorBytes();
    Train(options, set, TemporaryPath(keep == Keep::kEverything ? "all" : "inputs"),
          RunStart::kFresh, {});
    const auto trained = static_cast<double>(PeakTensorBytes() - before);
    // Training has the rows of the loss in loaded flags besides: below a hundredth.
    EXPECT_NEAR(static_cast<double>(cost.tensor_bytes) / trained, 1, 0.01);
  }
}

TEST(StepMeterTest, BytesAreTheSameEveryTime) {
  RunOptions options = LongRun();
  options.model.observation_size = 3;
  options.model.action_size = 2;
  const StepCost once = StepMeter(options).Measure({.steps = 700}, 0);
  const StepCost again = StepMeter(options).Measure({.steps = 700}, 2);
  EXPECT_EQ(once.tensor_bytes, again.tensor_bytes);
  EXPECT_EQ(once.batch_bytes, again.batch_bytes);
  EXPECT_GT(once.seconds, 0);
}

TEST(StepMeterTest, WhatStaysIsWeightsAndTwoMoments) {
  RunOptions options = LongRun();
  options.model.observation_size = 3;
  options.model.action_size = 2;
  StepMeter meter(options);
  const auto weights = static_cast<double>(meter.gradient_bytes());
  // Beside them: the count of steps of every parameter.
  EXPECT_NEAR(static_cast<double>(meter.held_bytes()) / weights, 3, 0.01);
}

TEST(StepMeterTest, AnotherMethodIsRefused) {
  RunOptions options = LongRun();
  options.train.method = Method::kTd3Bc;
  try {
    StepMeter meter(options);
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("planning: train.method: expected sequence"));
  }
}

// Beside weights, moments and gradients, half of a chain takes half of what the whole takes.
// Measured: 0.54 with states (chunks are small here: one counts as much for half as for all), less
// for attention, whose keys and values exist block by block (one process has them whole, unless it
// works in chunks).
TEST(StepMeterTest, ARankTakesItsShareOfAChain) {
  for (const MixerKind mixer : {MixerKind::kAttention, MixerKind::kMamba2}) {
    RunOptions options = LongRun();
    options.model.observation_size = 3;
    options.model.action_size = 2;
    options.model.layers = 3;
    options.model.attention.width = 32;
    options.model.feed_forward_width = 128;
    options.model.mixer = mixer;
    options.model.mamba2 = {.state = 16, .head_width = 16};
    options.model.dropout = 0;
    options.model.keep = Keep::kLayerInputs;
    options.model.tokens_at_once = mixer == MixerKind::kAttention ? 0 : 64;
    const auto measured = [&](int64_t context) {
      options.parallel.context = context;
      StepMeter meter(options);
      const StepCost cost = meter.Measure({.steps = 8192 / context}, 0);
      return static_cast<double>(cost.tensor_bytes - meter.held_bytes() - meter.gradient_bytes());
    };
    const double one = measured(1), half = measured(2);
    EXPECT_LT(half, 0.55 * one) << half / one;
  }
}

}  // namespace
}  // namespace longplay
