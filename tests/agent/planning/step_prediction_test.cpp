// SPDX-License-Identifier: MIT
#include "agent/planning/step_prediction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

namespace longplay {
namespace {

RunOptions TinyRun() {
  RunOptions options;
  options.model.observation_size = 3;
  options.model.action_size = 2;
  options.model.layers = 2;
  options.model.attention = {.width = 16, .heads = 2, .query_block = 64, .key_block = 64};
  options.model.feed_forward_width = 64;
  options.train.device = "cpu";
  return options;
}

double Square(int64_t steps) { return static_cast<double>(steps * steps) / 2; }

TEST(StepPredictionTest, CostsThatFollowTheFormulaGiveTheFormula) {
  StepCosts costs;
  for (const int64_t steps : {256, 512, 1024, 2048}) {
    costs.timed.push_back(
        {.shape = {.steps = steps},
         .tensor_bytes = 1000 + 70 * steps,
         .batch_bytes = 30 * steps,
         .seconds = 0.01 + 2e-4 * static_cast<double>(steps) + 3e-8 * Square(steps)});
  }
  costs.memory = {costs.timed[2], costs.timed[3]};
  const StepPrediction prediction = PredictStep(costs, Square);
  EXPECT_NEAR(prediction.Bytes(100000), 1000 + 100 * 100000., 1e-3);
  EXPECT_NEAR(prediction.seconds_fixed, 0.01, 1e-8);
  EXPECT_NEAR(prediction.seconds_per_step, 2e-4, 1e-10);
  EXPECT_NEAR(prediction.seconds_per_pair, 3e-8, 1e-14);
  EXPECT_NEAR(prediction.Seconds(100000), 0.01 + 20 + 150, 1e-5);
  // The longest chain fits, and one more step does not.
  EXPECT_EQ(prediction.Longest(51000), 500);
  EXPECT_EQ(prediction.Longest(51099), 500);
  EXPECT_EQ(prediction.Longest(999), 0);
}

// Noise must not make a term negative: long contexts would then take no time.
TEST(StepPredictionTest, NoTermIsNegative) {
  StepCosts costs;
  for (const double seconds : {0.1, 0.22, 0.4, 0.7}) {
    costs.timed.push_back({.shape = {.steps = int64_t{256} << costs.timed.size()},
                           .tensor_bytes = int64_t{1000} << costs.timed.size(),
                           .seconds = seconds});
  }
  costs.memory = {costs.timed[2], costs.timed[3]};
  const StepPrediction prediction = PredictStep(costs, Square);
  EXPECT_GE(prediction.seconds_fixed, 0);
  EXPECT_GT(prediction.seconds_per_step, 0);
  EXPECT_EQ(prediction.seconds_per_pair, 0);
  EXPECT_NEAR(prediction.Seconds(2048), 0.7, 0.1);  // the fit's own residual is 0.06
}

TEST(StepPredictionTest, VisiblePairsAreThoseThatACountOfThemGives) {
  RunOptions options = TinyRun();
  options.model.layer_spans = {0, 10};
  for (const int64_t steps : {5, 10, 33}) {
    double pairs = 0;
    for (const int64_t span : {steps, int64_t{10}}) {
      for (int64_t query = 0; query < steps; ++query) {
        // Half of its own token: the formula is that of the area below the diagonal.
        pairs += static_cast<double>(std::min(query + 1, span)) - 0.5;
      }
    }
    // A span's corner counts a token's halves otherwise: at most half a token for each step.
    EXPECT_NEAR(VisiblePairs(options, steps), pairs, 0.5 * static_cast<double>(steps)) << steps;
  }
  options.model.mixer = MixerKind::kMamba;
  options.model.layer_spans = {};
  EXPECT_EQ(VisiblePairs(options, 100), 0);
}

TEST(StepPredictionTest, MemoryOfAChainFourTimesAsLongIsPredicted) {
  for (const MixerKind mixer : {MixerKind::kAttention, MixerKind::kMamba2}) {
    for (const Keep keep :
         {Keep::kEverything, Keep::kLayerInputsAndAttention, Keep::kLayerInputs}) {
      for (const KeptType type : {KeptType::kAsComputed, KeptType::kInt8}) {
        RunOptions options = TinyRun();
        options.model.mixer = mixer;
        options.model.mamba2.head_width = 16;
        options.model.keep = keep;
        options.model.kept.type = type;
        const auto costs = MeasureSteps(options, {.seconds = 1e-6});
        const auto prediction =
            PredictStep(costs, [&](int64_t steps) { return VisiblePairs(options, steps); });
        const int64_t longer = 4 * costs.timed.back().shape.steps;
        StepMeter meter(options);
        const StepCost cost = meter.Measure({.steps = longer}, 0);
        const auto bytes = static_cast<double>(cost.tensor_bytes + cost.batch_bytes);
        // 0.03 at most, on the side of more.
        EXPECT_NEAR(prediction.Bytes(longer) / bytes, 1, 0.05)
            << static_cast<int>(mixer) << " " << static_cast<int>(keep) << " "
            << static_cast<int>(type);
      }
    }
  }
}

TEST(StepPredictionTest, MemoryThatGrowsWithTheSquareIsRefused) {
  RunOptions options = TinyRun();
  options.model.mixer = MixerKind::kReferenceAttention;
  EXPECT_THROW(MeasureSteps(options, {.seconds = 1e-6}), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
