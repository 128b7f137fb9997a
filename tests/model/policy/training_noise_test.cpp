// SPDX-License-Identifier: MIT
// What is drawn while training depends on its place alone: not on how a step's chains are divided,
// in which blocks or chunks they are worked on, what is kept, or how they are laid out.
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "model/policy/policy_network.h"
#include "tests/model/every_mixer.h"
#include "tests/model/random_steps.h"

namespace longplay {
namespace {

// Residuals measured below 1e-13 on gradients of size up to 100.
constexpr double kExact = 1e-10;
constexpr NoiseKey kKey{.seed = 3, .step = 17};

/// A small stack of every mixer, by the name that a configuration has for it, with every dropout.
ModelOptions OptionsOf(const std::string& mixer) {
  ModelOptions options{.observation_size = 3, .action_size = 2, .layers = 2};
  options.attention = {.width = 16, .heads = 2, .dropout = 0.2, .query_block = 7, .key_block = 5};
  options.dropout = 0.3;
  options.feed_forward_width = 24;
  options.max_episode_steps = options.max_episodes = 4;
  UseMixer(mixer, options);
  return options;
}

/// A step's chains of these lengths, padded to rows [4, 9]; `weights` of their loss are 0 in the
/// padding.
constexpr int64_t kLengths[] = {7, 4, 9, 5};
struct Chains {
  StepTensors steps;
  torch::Tensor weights;  // [B, N, A]
};

Chains PaddedChains(const ModelOptions& options) {
  torch::manual_seed(2);
  Chains chains{RandomSteps(options, 4, 9, torch::kFloat64),
                torch::randn({4, 9, 2}, torch::kFloat64)};
  chains.steps.noise = kKey;
  for (int64_t i = 0; i < 4; ++i) {
    chains.weights[i].narrow(0, kLengths[i], 9 - kLengths[i]).zero_();
  }
  return chains;
}

/// Chain i alone.
Chains Alone(const Chains& all, int64_t i) {
  Chains one{SelectChains(all.steps, torch::tensor({i}, torch::kInt64)),
             all.weights.narrow(0, i, 1)};
  one.steps.noise = kKey;
  one.steps.noise.first_chain = i;
  return one;
}

/// All in one row, without padding.
Chains Packed(const Chains& all) {
  std::vector<torch::Tensor> rows, segments;
  for (int64_t i = 0; i < 4; ++i) {
    rows.push_back(torch::arange(kLengths[i]) + 9 * i);
    segments.push_back(torch::full({kLengths[i]}, i, torch::kInt64));
  }
  const auto places = torch::cat(rows);
  const auto pack = [&](const torch::Tensor& x) {
    return x.flatten(0, 1).index_select(0, places).unsqueeze(0);
  };
  const StepTensors& steps = all.steps;
  return {{.returns = pack(steps.returns),
           .observations = pack(steps.observations),
           .previous_actions = pack(steps.previous_actions),
           .previous_rewards = pack(steps.previous_rewards),
           .previous_completions = pack(steps.previous_completions),
           .episode_steps = pack(steps.episode_steps),
           .episodes = pack(steps.episodes),
           .segments = torch::cat(segments).unsqueeze(0),
           .noise = kKey},
          pack(all.weights)};
}

PolicyNetwork MakeNetwork(const ModelOptions& options) {
  torch::manual_seed(1);
  PolicyNetwork network(options);
  // Larger weights than the fresh ones, so that an error cannot hide.
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network->parameters()) parameter.normal_(0, 0.3);
  network->to(torch::kFloat64);
  return network;
}

/// A weighted sum of all outputs, and its gradients.
std::vector<torch::Tensor> LossAndGradients(const ModelOptions& options, const Chains& chains) {
  auto network = MakeNetwork(options);
  const auto loss = (network->forward(chains.steps) * chains.weights).sum();
  auto grads = torch::autograd::grad({loss}, network->parameters(), {}, {}, false, true);
  for (torch::Tensor& grad : grads) {
    if (!grad.defined()) grad = torch::zeros({}, torch::kFloat64);  // nothing was passed
  }
  grads.insert(grads.begin(), loss.detach());
  return grads;
}

double LargestDifference(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, (a[i] - b[i]).abs().max().item<double>());
  }
  return largest;
}

enum class Layout { kMerged, kInterleaved, kFollowsStream };
using Case = std::tuple<const char*, EpisodeContext, Layout>;

class TrainingNoiseTest : public testing::TestWithParam<Case> {
 protected:
  static ModelOptions Options() {
    const auto [mixer, memory, layout] = GetParam();
    ModelOptions options = OptionsOf(mixer);
    options.episode_context = memory;
    options.tokens.layout =
        layout == Layout::kMerged ? TokenLayout::kMerged : TokenLayout::kInterleaved;
    options.tokens.follow_stream = layout == Layout::kFollowsStream;
    return options;
  }
};

TEST_P(TrainingNoiseTest, ChainsOneByOneSumToTheBatch) {
  const ModelOptions options = Options();
  const Chains all = PaddedChains(options);
  const auto whole = LossAndGradients(options, all);
  auto sum = LossAndGradients(options, Alone(all, 0));
  for (int64_t i = 1; i < 4; ++i) {
    const auto more = LossAndGradients(options, Alone(all, i));
    for (size_t k = 0; k < sum.size(); ++k) sum[k] = sum[k] + more[k];
  }
  EXPECT_LT(LargestDifference(sum, whole), kExact);
}

TEST_P(TrainingNoiseTest, BlocksChunksAndWhatIsKeptChangeNothing) {
  ModelOptions options = Options();
  const Chains all = PaddedChains(options);
  const auto expected = LossAndGradients(options, all);
  for (const Keep keep : {Keep::kEverything, Keep::kLayerInputs, Keep::kLayerInputsAndAttention}) {
    for (const auto& [query_block, key_block, tokens_at_once] :
         std::vector<std::tuple<int64_t, int64_t, int64_t>>{{4, 6, 0}, {512, 512, 0}, {3, 4, 10}}) {
      options.keep = keep;
      options.attention.query_block = query_block;
      options.attention.key_block = key_block;
      options.tokens_at_once = tokens_at_once;
      EXPECT_LT(LargestDifference(LossAndGradients(options, all), expected), kExact);
    }
  }
}

TEST_P(TrainingNoiseTest, PackedChainsDrawWhatPaddedOnesDraw) {
  ModelOptions options = Options();
  const Chains all = PaddedChains(options);
  const auto expected = LossAndGradients(options, all);
  for (const Keep keep : {Keep::kEverything, Keep::kLayerInputs, Keep::kLayerInputsAndAttention}) {
    options.keep = keep;
    EXPECT_LT(LargestDifference(LossAndGradients(options, Packed(all)), expected), kExact);
  }
}

TEST_P(TrainingNoiseTest, AnotherStepOrSeedDrawsAnew) {
  const ModelOptions options = Options();
  Chains all = PaddedChains(options);
  const auto expected = LossAndGradients(options, all);
  EXPECT_EQ(LargestDifference(LossAndGradients(options, all), expected), 0);
  all.steps.noise.step += 1;
  EXPECT_GT(LargestDifference(LossAndGradients(options, all), expected), 0.01);
  all.steps.noise = kKey;
  all.steps.noise.seed += 1;
  EXPECT_GT(LargestDifference(LossAndGradients(options, all), expected), 0.01);
}

INSTANTIATE_TEST_SUITE_P(
    Mixers, TrainingNoiseTest,
    testing::Combine(testing::Values("attention", "reference", "mamba", "mamba2", "taipan",
                                     "masformer", "rwkv4", "rwkv7", "memory", "memsizer", "mixed"),
                     testing::Values(EpisodeContext::kCarry, EpisodeContext::kReset),
                     testing::Values(Layout::kMerged, Layout::kInterleaved,
                                     Layout::kFollowsStream)));

// Rounding of what is kept in 8 bits.

TEST(KeptNoiseTest, RoundingFollowsTheTokens) {
  for (const std::string mixer : {"attention", "mamba2", "memory"}) {
    ModelOptions options = OptionsOf(mixer);
    options.dropout = options.attention.dropout = 0;
    options.tokens_at_once = 1000;  // states before a chunk are exact, so chunks would differ
    const Chains all = PaddedChains(options);
    const auto exact = LossAndGradients(options, all);
    options.kept.type = KeptType::kInt8;
    const auto whole = LossAndGradients(options, all);
    EXPECT_GT(LargestDifference(whole, exact), 1e-4);
    auto sum = LossAndGradients(options, Alone(all, 0));
    for (int64_t i = 1; i < 4; ++i) {
      const auto more = LossAndGradients(options, Alone(all, i));
      for (size_t k = 0; k < sum.size(); ++k) sum[k] = sum[k] + more[k];
    }
    EXPECT_LT(LargestDifference(sum, whole), kExact) << mixer;
    EXPECT_LT(LargestDifference(LossAndGradients(options, Packed(all)), whole), kExact) << mixer;
    if (mixer != "attention") continue;
    options.tokens_at_once = 4;
    EXPECT_LT(LargestDifference(LossAndGradients(options, all), whole), kExact);
  }
}

// Dropout in front of a linear network is right on average.

TEST(TrainingNoiseMeanTest, OutputsOverManySeedsAreThoseWithoutDropout) {
  ModelOptions options = OptionsOf("attention");
  options.layers = 1;
  options.attention.dropout = 0;
  options.tokens.layout = TokenLayout::kMerged;
  options.dropout = 0.3;
  auto layers = LayerStack(options);
  layers->to(torch::kFloat64);
  {
    // Without its feed-forward and its attention a layer is x + dropout(bias) + dropout(bias).
    const torch::NoGradGuard no_grad;
    for (auto& item : layers->named_parameters()) {
      item.value().zero_();
      if (item.key() == "0.mixer.projection.bias") item.value().fill_(1);
      if (item.key() == "0.feed_forward.contract.bias") item.value().fill_(10);
    }
  }
  const auto x = torch::zeros({1, 10, 16}, torch::kFloat64);
  auto sum = torch::zeros_like(x);
  constexpr int64_t kSeeds = 4000;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    sum +=
        layers->forward(x, {}, NoiseOfTokens({.seed = seed}, {}, 1, 10, 1, torch::kCPU)).detach();
  }
  // Deviation of one number: 10 sqrt(0.3 / 0.7) = 6.5, of its mean 0.104; the largest of 160.
  EXPECT_LT((sum / kSeeds - 11).abs().max().item<double>(), 0.5);
  EXPECT_NEAR((sum / kSeeds).mean().item<double>(), 11, 0.05);  // 6 deviations
}

}  // namespace
}  // namespace longplay
