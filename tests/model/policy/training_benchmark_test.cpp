// SPDX-License-Identifier: MIT
#include "model/policy/training_benchmark.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

TrainingBenchmarkOptions SmallOptions(Keep keep) {
  TrainingBenchmarkOptions options{.batch = 2, .context = 64};
  options.model.layers = 3;
  options.model.attention = {.width = 16, .heads = 2, .query_block = 8};
  options.model.feed_forward_width = 64;
  options.model.keep = keep;
  options.repeats = 0;
  return options;
}

constexpr double kRowBytes = 16 * 4;  // one token of width 16 in float32

TEST(TrainingBenchmarkTest, LayerInputsKeepsOneRowPerLayerAndTheOutput) {
  EXPECT_EQ(BenchmarkTraining(SmallOptions(Keep::kLayerInputs)).bytes_per_token_kept,
            4 * kRowBytes);
}

TEST(TrainingBenchmarkTest, KeptAttentionAddsOneRowAndOneNumberPerHead) {
  EXPECT_EQ(BenchmarkTraining(SmallOptions(Keep::kLayerInputsAndAttention)).bytes_per_token_kept,
            7 * kRowBytes + 3 * 2 * 4);
}

TEST(TrainingBenchmarkTest, EverythingIsFiveRowsTheHiddenUnitsAndOneNumberPerHead) {
  EXPECT_EQ(BenchmarkTraining(SmallOptions(Keep::kEverything)).bytes_per_token_kept,
            3 * (5 * kRowBytes + 64 * 4 + 2 * 4) + kRowBytes);
}

TEST(TrainingBenchmarkTest, LeanerModesHaveLowerPeaks) {
  const auto peak = [](Keep keep, int64_t tokens_at_once) {
    TrainingBenchmarkOptions options = SmallOptions(keep);
    options.context = 512;
    options.model.tokens_at_once = tokens_at_once;
    return BenchmarkTraining(options).peak_bytes;
  };
  const int64_t everything = peak(Keep::kEverything, 0);
  const int64_t attention = peak(Keep::kLayerInputsAndAttention, 0);
  const int64_t inputs = peak(Keep::kLayerInputs, 0), chunks = peak(Keep::kLayerInputs, 64);
  EXPECT_LT(attention, everything);
  EXPECT_LT(inputs, attention);
  EXPECT_LT(chunks, inputs);
}

TEST(TrainingBenchmarkTest, GradientErrorIsThatOfTheCompression) {
  TrainingBenchmarkOptions options = SmallOptions(Keep::kLayerInputs);
  EXPECT_LT(GradientError(options), 1e-5);
  options.model.kept.type = KeptType::kInt8;
  const double error = GradientError(options);
  EXPECT_GT(error, 1e-4);
  EXPECT_LT(error, 0.1);
}

TEST(TrainingBenchmarkTest, OperationsAreThoseOfTheFormula) {
  // Per token and layer: 2 * 16 * (4 * 16 + 2 * 64) for the maps, 2 * 16 * 64 for attention.
  EXPECT_EQ(TrainingOperations(SmallOptions(Keep::kEverything)),
            3.0 * (2 * 16 * 192 + 2 * 16 * 64) * 64 * 2 * 3);
}

}  // namespace
}  // namespace longplay
