// SPDX-License-Identifier: MIT
#include "agent/planning/choose_keep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/planning/context_plan.h"
#include "model/memory/memory_meter.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

RunOptions RunToChooseFor() {
  RunOptions options;
  options.model.observation_size = 3;
  options.model.action_size = 2;
  options.model.layers = 2;
  options.model.attention = {.width = 16, .heads = 2, .query_block = 64, .key_block = 64};
  options.model.attention.span = 64;  // long chains in short time; memory is that of all of them
  options.model.feed_forward_width = 64;
  options.train.device = "cpu";
  return options;
}

/// Of a pass that really runs, beside what the process had before.
double BytesOf(RunOptions options, Keep keep, int64_t chunk, const PassShape& shape) {
  options.model.keep = keep;
  options.model.tokens_at_once = chunk;
  const StepCost cost = StepMeter(options).Measure(shape, 0);
  return static_cast<double>(cost.tensor_bytes + cost.batch_bytes) + BytesBesideTensors();
}

TEST(ChooseKeepTest, TheFirstThatFitsIsChosen) {
  const RunOptions options = RunToChooseFor();
  const StepShape shape = {.pass = {.chains = 1, .steps = 100000}};
  const double everything = BytesOf(options, Keep::kEverything, 0, shape.pass);
  const double attention = BytesOf(options, Keep::kLayerInputsAndAttention, 0, shape.pass);
  const double inputs = BytesOf(options, Keep::kLayerInputs, 0, shape.pass);
  const double chunks = BytesOf(options, Keep::kLayerInputs, kLeanChunk, shape.pass);
  // Between what two modes really take: predictions must be on the right side.
  const auto chosen = [&](double memory) { return ChooseKeep(options, shape, memory); };
  EXPECT_EQ(chosen(1.1 * everything).keep, Keep::kEverything);
  EXPECT_EQ(chosen((everything + attention) / 2).keep, Keep::kLayerInputsAndAttention);
  const KeepChoice third = chosen((attention + inputs) / 2);
  EXPECT_EQ(third.keep, Keep::kLayerInputs);
  EXPECT_EQ(third.tokens_at_once, 0);
  const KeepChoice last = chosen((inputs + chunks) / 2);
  EXPECT_EQ(last.keep, Keep::kLayerInputs);
  EXPECT_EQ(last.tokens_at_once, kLeanChunk);
  EXPECT_TRUE(last.fits());
  // Each prediction within 5 % of what ran.
  EXPECT_NEAR(last.bytes / chunks, 1, 0.05);
  EXPECT_NEAR(third.bytes / inputs, 1, 0.05);
}

TEST(ChooseKeepTest, WhereNothingFitsTheLeanestIsTakenAndSaysSo) {
  const KeepChoice choice =
      ChooseKeep(RunToChooseFor(), {.pass = {.chains = 2, .steps = 500}}, 1e6);
  EXPECT_FALSE(choice.fits());
  EXPECT_EQ(choice.tokens_at_once, kLeanChunk);
  EXPECT_THAT(ToText(choice), HasSubstr("model.keep: auto is layer_inputs in chunks of 2048"));
  EXPECT_THAT(ToText(choice), HasSubstr("does not fit: train.tokens_per_pass"));
}

TEST(ChooseKeepTest, PassesSideBySideTakeMore) {
  const RunOptions options = RunToChooseFor();
  const PassShape pass = {.chains = 4, .steps = 500};
  const KeepChoice one = ChooseKeep(options, {.pass = pass, .passes = 8}, 1e12);
  const KeepChoice four = ChooseKeep(options, {.pass = pass, .passes = 8, .side_by_side = 4}, 1e12);
  StepMeter meter([&] {
    RunOptions own = options;
    own.model.keep = Keep::kEverything;
    return own;
  }());
  const StepCost cost = meter.Measure(pass, 0);
  const auto more = static_cast<double>(3 * (cost.tensor_bytes - meter.held_bytes()) +
                                        8 * meter.gradient_bytes());
  // The process itself may have grown by a few MiB between the two.
  EXPECT_NEAR((four.bytes - one.bytes) / more, 1, 0.1);
}

TEST(ChooseKeepTest, ChunksThatAreNamedStay) {
  RunOptions options = RunToChooseFor();
  options.model.tokens_at_once = 128;
  const KeepChoice choice = ChooseKeep(options, {.pass = {.chains = 1, .steps = 300}}, 1);
  EXPECT_EQ(choice.keep, Keep::kLayerInputs);
  EXPECT_EQ(choice.tokens_at_once, 128);
}

}  // namespace
}  // namespace longplay
