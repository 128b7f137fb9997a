// SPDX-License-Identifier: MIT
#include "runtime/acting/policy.h"

#include <gtest/gtest.h>

#include <functional>

#include "agent/acting/make_policy.h"
#include "tests/runtime/played_chains.h"
#include "tests/runtime/small_policy.h"

namespace longplay {
namespace {

constexpr int64_t kChains = 4, kEpisodes = 3;
constexpr double kTolerance = 1e-5;  // in the task's units, whose largest scale is 2

struct MixerCase {
  const char* name;
  std::function<void(RunOptions&)> change;
};
void PrintTo(const MixerCase& mixer, std::ostream* out) { *out << mixer.name; }

std::function<void(RunOptions&)> OfMixer(MixerKind kind) {
  return [kind](RunOptions& options) { options.model.mixer = kind; };
}

class MixerActs : public ::testing::TestWithParam<MixerCase> {};

/// Every head and layout of tokens.
TEST_P(MixerActs, AsInLibTorchStepByStep) {
  for (const ActionHead head :
       {ActionHead::kSquaredError, ActionHead::kGaussian, ActionHead::kCategorical}) {
    for (const int layout : {0, 1, 2, 3}) {
      RunOptions options = SmallOptions();
      options.model.head = head;
      options.model.tokens.layout = layout == 0 ? TokenLayout::kMerged : TokenLayout::kInterleaved;
      options.model.tokens.normalise = layout == 2;
      options.model.tokens.follow_stream = layout >= 2;
      if (layout == 3) {
        options.model.tokens.use_reward = options.model.tokens.use_completion = false;
      }
      GetParam().change(options);
      const SmallPolicy small = MakeSmallPolicy(options, 1 + layout);
      const auto ours = MakePolicy(small.loaded, {.chains = kChains});
      const ActingHandle acting = OpenActing(small.folder, ActingDefaults(kChains));
      EXPECT_LT(LargestDifference(*ours, acting.get(), kChains, kEpisodes), kTolerance)
          << "head " << static_cast<int>(head) << ", layout " << layout;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, MixerActs,
    ::testing::Values(MixerCase{"attention", OfMixer(MixerKind::kAttention)},
                      MixerCase{"grouped_heads",
                                [](RunOptions& options) {
                                  options.model.attention.heads = 4;
                                  options.model.attention.key_value_heads = 2;
                                  options.model.feed_forward = FeedForwardKind::kSwiGlu;
                                  options.model.norm = NormKind::kRootMeanSquare;
                                }},
                      MixerCase{"span_and_sinks",
                                [](RunOptions& options) {
                                  options.model.attention.span = 4;
                                  options.model.attention.sinks = 2;
                                  options.model.feed_forward = FeedForwardKind::kGeluTanh;
                                }},
                      MixerCase{"layer_spans",
                                [](RunOptions& options) {
                                  options.model.layer_spans = {3, 0, 7};
                                  options.model.feed_forward = FeedForwardKind::kRelu;
                                  options.model.step_embedding = false;
                                }},
                      MixerCase{"masformer",
                                [](RunOptions& options) {
                                  options.model.mixer = MixerKind::kMasFormer;
                                  options.model.masformer.span = 5;
                                  options.model.masformer.placement = FullLayers::kInterleaved;
                                  options.model.episode_embedding = false;
                                }},
                      MixerCase{"mamba", OfMixer(MixerKind::kMamba)},
                      MixerCase{"mamba2", OfMixer(MixerKind::kMamba2)},
                      MixerCase{"taipan", OfMixer(MixerKind::kTaipan)},
                      MixerCase{"taipan_selected",
                                [](RunOptions& options) {
                                  options.model.mixer = MixerKind::kTaipan;
                                  options.model.taipan.keys = SelectedKeys::kSelected;
                                  options.model.taipan.span = 6;
                                }},
                      MixerCase{"rwkv4",
                                [](RunOptions& options) {
                                  options.model.mixer = MixerKind::kRwkv;
                                  options.model.rwkv.version = 4;
                                }},
                      MixerCase{"rwkv7", OfMixer(MixerKind::kRwkv)},
                      MixerCase{"recurrent_memory", OfMixer(MixerKind::kRecurrentMemory)},
                      MixerCase{"memsizer", OfMixer(MixerKind::kMemSizer)},
                      MixerCase{"mixed",
                                [](RunOptions& options) {
                                  options.model.layer_mixers = {
                                      MixerKind::kAttention, MixerKind::kMamba, MixerKind::kRwkv};
                                }}),
    [](const auto& info) { return std::string(info.param.name); });

/// The same in both for a policy and options that are not of the usual kind.
double DifferenceOf(const RunOptions& options, PolicyOptions ours,
                    const std::function<void(longplay_policy_options&)>& change = {}) {
  const SmallPolicy small = MakeSmallPolicy(options);
  ours.chains = kChains;
  longplay_policy_options acting = ActingDefaults(kChains);
  if (change) change(acting);
  const auto policy = MakePolicy(small.loaded, ours);
  const ActingHandle handle = OpenActing(small.folder, acting);
  return LargestDifference(*policy, handle.get(), kChains, kEpisodes);
}

TEST(ActingPolicyTest, DrawsAreThoseOfLibTorch) {
  for (const ActionHead head : {ActionHead::kGaussian, ActionHead::kCategorical}) {
    RunOptions options = SmallOptions();
    options.model.head = head;
    EXPECT_LT(DifferenceOf(options, {.sample = true, .seed = 12},
                           [](longplay_policy_options& acting) {
                             acting.act = LONGPLAY_ACT_SAMPLE;
                             acting.seed = 12;
                           }),
              kTolerance);
  }
}

TEST(ActingPolicyTest, TargetsAreAskedForAndRaised) {
  EXPECT_LT(DifferenceOf(SmallOptions(), {.target = 1.5, .target_step = 0.5},
                         [](longplay_policy_options& acting) {
                           acting.target = 1.5;
                           acting.target_step = 0.5;
                         }),
            kTolerance);
}

TEST(ActingPolicyTest, BoundariesAreCarried) {
  RunOptions options = SmallOptions();
  options.chain.boundary = EpisodeBoundary::kCarry;
  EXPECT_LT(DifferenceOf(options, {}), kTolerance);
}

TEST(ActingPolicyTest, EpisodesAreForgotten) {
  RunOptions options = SmallOptions();
  options.model.episode_context = EpisodeContext::kReset;
  EXPECT_LT(DifferenceOf(options, {}), kTolerance);
  options = SmallOptions();
  options.chain.episodes = 1;
  options.model.mixer = MixerKind::kRecurrentMemory;
  EXPECT_LT(DifferenceOf(options, {}), kTolerance);
}

TEST(ActingPolicyTest, WindowsOfStepsAreComputedAnew) {
  for (const MixerKind mixer :
       {MixerKind::kAttention, MixerKind::kMamba2, MixerKind::kRecurrentMemory}) {
    RunOptions options = SmallOptions();
    options.model.mixer = mixer;
    options.model.tokens.layout = TokenLayout::kInterleaved;
    options.chain.window = 4;
    EXPECT_LT(DifferenceOf(options, {}), kTolerance);
  }
}

TEST(ActingPolicyTest, AFullContextSlides) {
  RunOptions options = SmallOptions();
  options.model.tokens.layout = TokenLayout::kInterleaved;
  options.model.attention.sinks = 3;
  EXPECT_LT(DifferenceOf(options, {.window = 3},
                         [](longplay_policy_options& acting) { acting.context_steps = 3; }),
            kTolerance);
}

TEST(ActingPolicyTest, WindowsOfEpisodesAreReadAgain) {
  for (const MixerKind mixer : {MixerKind::kAttention, MixerKind::kRwkv, MixerKind::kMamba}) {
    RunOptions options = SmallOptions();
    options.model.mixer = mixer;
    options.chain.boundary = EpisodeBoundary::kCarry;
    EXPECT_LT(DifferenceOf(options, {.window_episodes = 2},
                           [](longplay_policy_options& acting) { acting.window_episodes = 2; }),
              kTolerance);
  }
}

TEST(ActingPolicyTest, PerceptronsActToo) {
  for (const Method method : {Method::kTd3Bc}) {
    RunOptions options = SmallOptions();
    options.train.method = method;
    EXPECT_LT(DifferenceOf(options, {}), kTolerance);
  }
}

TEST(ActingPolicyTest, EverySetOfInstructionsGivesTheSame) {
  for (const int32_t vectors :
       {LONGPLAY_VECTORS_PLAIN, LONGPLAY_VECTORS_AVX2, LONGPLAY_VECTORS_AVX512}) {
    const auto set = [&](longplay_policy_options& acting) { acting.vectors = vectors; };
    try {
      for (const MixerKind mixer : {MixerKind::kAttention, MixerKind::kMamba, MixerKind::kRwkv,
                                    MixerKind::kMamba2, MixerKind::kMemSizer}) {
        RunOptions options = SmallOptions();
        options.model.mixer = mixer;
        EXPECT_LT(DifferenceOf(options, {}, set), kTolerance);
      }
    } catch (const std::runtime_error& error) {
      // This machine may lack them; it has the plain ones.
      EXPECT_NE(vectors, LONGPLAY_VECTORS_PLAIN) << error.what();
      EXPECT_NE(std::string(error.what()).find("vectors: expected"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace longplay
