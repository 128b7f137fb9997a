// SPDX-License-Identifier: MIT
#include "agent/training/training_step.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <ostream>
#include <string>

#include "agent/batches/batch_loader.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/make_learner.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

/// A method or mixer, as a configuration.
struct Case {
  const char* name;
  void (*set)(RunOptions&);
};
void PrintTo(const Case& tried, std::ostream* out) { *out << tried.name; }

/// A run in float64 of four chains of two times six steps a step, or of 32 transitions.
RunOptions Options(const Case& tried) {
  RunOptions options = SmallRun("");
  options.model.dropout = 0;
  options.model.layers = 2;
  options.model.attention.query_block = 5;
  options.model.attention.key_block = 5;
  options.train.dtype = "float64";
  options.train.device = "cpu";
  options.methods.td3_bc.batch = 32;
  options.methods.td3_bc.hidden = 16;
  options.methods.iql.batch = 32;
  options.methods.iql.hidden = 16;
  options.methods.ic_iql.hidden = 16;
  tried.set(options);
  return options;
}

/// The gradients of all weights, by name, and figures of the updates of step 2 from fresh weights.
struct Outcome {
  std::vector<torch::Tensor> gradients;
  std::vector<double> figures;
  size_t passes = 0;
};

Outcome Compute(const RunOptions& given, const EpisodeSet& set, int64_t steps_per_pass,
                PassThreads* pass_threads = nullptr) {
  const RunOptions options = FitToData(given, set);
  LearnerAndRecord made = MakeLearner(options, set);
  const auto source = made.learner->MakeSource(set, made.record.normalizer);
  BatchLoader loader(*source, {.steps = steps_per_pass}, std::mt19937_64(3));
  LoadedStep step = loader.Next();
  const std::vector<TrainingBatch> passes = ToTrainingBatches(
      step.passes, options.train.seed, /*step=*/2, made.learner->tensor_options());
  Outcome outcome{.passes = passes.size()};
  const std::vector<Update> updates = made.learner->Updates(2);
  for (size_t k = 0; k < updates.size(); ++k) {
    const auto figures =
        AccumulateGradients(*made.learner, k, *updates[k].optimizer, passes, pass_threads);
    outcome.figures.insert(outcome.figures.end(), figures.begin(), figures.end());
    for (const torch::Tensor& parameter : updates[k].optimizer->parameters()) {
      const torch::Tensor& gradient = parameter.grad();
      outcome.gradients.push_back(gradient.defined() ? gradient.clone()
                                                     : torch::zeros_like(parameter));
    }
  }
  return outcome;
}

class PassesOfAStepTest : public testing::TestWithParam<Case> {};

// Measured: below 1e-15 for all.
TEST_P(PassesOfAStepTest, GiveTheGradientOfOne) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const RunOptions options = Options(GetParam());
  const Outcome one = Compute(options, set, 0);
  const bool transitions = EntryOf(options.train.method).transitions != nullptr;
  const Outcome four = Compute(options, set, transitions ? 8 : 12);
  ASSERT_EQ(one.passes, 1U);
  ASSERT_EQ(four.passes, 4U);
  ASSERT_EQ(one.gradients.size(), four.gradients.size());
  double largest = 0;
  for (size_t k = 0; k < one.gradients.size(); ++k) {
    largest = std::max(largest, one.gradients[k].abs().max().item<double>());
    EXPECT_LT((one.gradients[k] - four.gradients[k]).abs().max().item<double>(), 1e-10) << k;
  }
  EXPECT_GT(largest, 1e-4);  // there is a gradient at all
  ASSERT_EQ(one.figures.size(), four.figures.size());
  for (size_t k = 0; k < one.figures.size(); ++k) {
    EXPECT_NEAR(one.figures[k], four.figures[k], 1e-12);
  }
}

TEST_P(PassesOfAStepTest, GiveTheSameBytesSideBySide) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const RunOptions options = Options(GetParam());
  if (EntryOf(options.train.method).transitions != nullptr) return;  // one after the other alone
  PassThreads pass_threads(3);
  const Outcome after_another = Compute(options, set, 12);
  const Outcome side_by_side = Compute(options, set, 12, &pass_threads);
  EXPECT_EQ(after_another.figures, side_by_side.figures);
  ASSERT_EQ(after_another.gradients.size(), side_by_side.gradients.size());
  for (size_t k = 0; k < after_another.gradients.size(); ++k) {
    EXPECT_TRUE(at::equal(after_another.gradients[k], side_by_side.gradients[k])) << k;
  }
}

template <MixerKind mixer>
void SetMixer(RunOptions& options) {
  options.model.mixer = mixer;
}

INSTANTIATE_TEST_SUITE_P(
    All, PassesOfAStepTest,
    testing::Values(
        Case{"attention", SetMixer<MixerKind::kAttention>},
        Case{"kept_everything", [](RunOptions& o) { o.model.keep = Keep::kEverything; }},
        Case{"chunks", [](RunOptions& o) { o.model.tokens_at_once = 4; }},
        Case{"reference", SetMixer<MixerKind::kReferenceAttention>},
        Case{"mamba", SetMixer<MixerKind::kMamba>},
        Case{"mamba2",
             [](RunOptions& o) {
               o.model.mixer = MixerKind::kMamba2;
               o.model.mamba2.head_width = 8;
             }},
        Case{"taipan",
             [](RunOptions& o) {
               o.model.mixer = MixerKind::kTaipan;
               o.model.taipan.period = 1;
               o.model.mamba2.head_width = 8;
             }},
        Case{"masformer", SetMixer<MixerKind::kMasFormer>},
        Case{"rwkv4",
             [](RunOptions& o) {
               o.model.mixer = MixerKind::kRwkv;
               o.model.rwkv.version = 4;
             }},
        Case{"rwkv7",
             [](RunOptions& o) {
               o.model.mixer = MixerKind::kRwkv;
               o.model.rwkv.head_width = 8;
             }},
        Case{"recurrent_memory",
             [](RunOptions& o) {
               o.model.mixer = MixerKind::kRecurrentMemory;
               o.model.memory = {.tokens = 2, .segment = 5};
             }},
        Case{"memsizer",
             [](RunOptions& o) {
               o.model.mixer = MixerKind::kMemSizer;
               o.model.memsizer.slots = 4;
             }},
        Case{"dropout",
             [](RunOptions& o) {
               o.model.dropout = 0.2;
               o.model.attention.dropout = 0.1;
             }},
        Case{"packed_rows", [](RunOptions& o) { o.chain.rows = ChainRows::kPacked; }},
        Case{"last_episode", [](RunOptions& o) { o.chain.loss = ChainLoss::kLastEpisode; }},
        Case{"gaussian", [](RunOptions& o) { o.head = ActionHead::kGaussian; }},
        Case{"ic_iql", [](RunOptions& o) { o.train.method = Method::kIcIql; }},
        Case{"ic_iql_packed",
             [](RunOptions& o) {
               o.train.method = Method::kIcIql;
               o.chain.rows = ChainRows::kPacked;
             }},
        Case{"iql", [](RunOptions& o) { o.train.method = Method::kIql; }},
        Case{"td3_bc", [](RunOptions& o) { o.train.method = Method::kTd3Bc; }}),
    [](const auto& tried) { return std::string(tried.param.name); });

}  // namespace
}  // namespace longplay
