// SPDX-License-Identifier: MIT
#include "model/mixers/selective_attention.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>
#include <tuple>

#include "model/attention/range_attention.h"
#include "model/attention/token_choice.h"

namespace longplay {
namespace {

// Residuals measured below 1e-14 on outputs of size 1 and gradients of size up to 20.
constexpr double kExact = 1e-10;

ModelOptions SmallOptions(SelectedKeys keys, int64_t span) {
  ModelOptions options{.observation_size = 1, .action_size = 1};
  options.attention = {.width = 12, .heads = 4, .key_value_heads = 2};
  options.taipan = {.capacity = 0.25, .penalty = 3, .span = span, .keys = keys};
  return options;
}

struct Sequence {
  torch::Tensor x, residual, starts, grad_y;  // [2, 30, 12], starts [2, 30]
};

Sequence RandomSequence() {
  torch::manual_seed(6);
  const auto draw = [] { return torch::randn({2, 30, 12}, torch::kFloat64); };
  Sequence sequence{draw().requires_grad_(), draw().requires_grad_(),
                    torch::zeros({2, 30}, torch::kBool), draw()};
  for (const int64_t t : {11, 25}) sequence.starts.index_put_({0, t}, true);
  return sequence;
}

std::shared_ptr<SelectiveAttention> RandomMixer(const ModelOptions& options) {
  torch::manual_seed(7);
  auto mixer = std::make_shared<SelectiveAttention>(options);
  mixer->to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : mixer->parameters()) {
    parameter.add_(torch::randn_like(parameter), 0.3);
  }
  return mixer;
}

torch::Tensor RunMixer(SelectiveAttention& mixer, const torch::Tensor& x, SelectiveState& state,
                       const Chunk& chunk) {
  HandedOn handed;
  return mixer.Run(x, state, chunk, handed);
}

TokenNoise NoiseFrom(uint64_t seed) {
  return NoiseOfTokens({.seed = seed}, {}, 2, 30, 1, torch::kCPU);
}

/// The layer with every query and every score in memory: the specification, as published.
struct Dense {
  torch::Tensor y, penalty;
};

Dense DenseSelectiveAttention(const torch::nn::Module& mixer, const Sequence& sequence,
                              const ModelOptions& options, uint64_t seed) {
  const auto parameters = mixer.named_parameters();
  const auto map = [&](const char* name) {
    return torch::linear(sequence.x, parameters[std::string(name) + ".weight"],
                         parameters[std::string(name) + ".bias"]);
  };
  const auto scores = map("gate");  // [B, n, 2]
  const auto noisy = scores + KeyedGumbel(NoiseFrom(seed).KeysOf(NoiseUse::kChoice), 2);
  const auto soft = torch::softmax(noisy / options.taipan.temperature, 2).select(2, 1);
  const auto hard = noisy.argmax(2).to(torch::kFloat64);  // [B, n]
  const auto m = hard + soft - soft.detach();

  const auto q = map("query").view({2, 30, 4, 3}).transpose(1, 2);  // [B, H, n, K]
  const auto packed = map("key_value").view({2, 30, 2, 2, 3});      // [B, n, 2, G, K]
  const auto k = packed.select(2, 0).transpose(1, 2).repeat_interleave(2, 1);
  const auto v = packed.select(2, 1).transpose(1, 2).repeat_interleave(2, 1);
  const auto place = torch::arange(30);
  auto hidden = (place.unsqueeze(0) > place.unsqueeze(1)).unsqueeze(0);  // [1, n, n]
  if (options.taipan.span > 0) {
    hidden = hidden | (place.unsqueeze(0) <= place.unsqueeze(1) - options.taipan.span);
  }
  const auto counts = sequence.starts.cumsum(1);
  hidden = hidden | (counts.unsqueeze(1) != counts.unsqueeze(2));
  if (options.taipan.keys == SelectedKeys::kSelected) hidden = hidden | (hard == 0).unsqueeze(1);
  const auto logits = torch::matmul(q, k.transpose(2, 3)) / std::sqrt(3.0);
  // The lowest number instead of -inf: rows that see nothing are not chosen and dropped below.
  const auto weights = torch::softmax(
      logits.masked_fill(hidden.unsqueeze(1), std::numeric_limits<double>::lowest()), 3);
  const auto heads = torch::matmul(weights, v).transpose(1, 2).flatten(2);
  const auto o =
      torch::linear(heads, parameters["projection.weight"], parameters["projection.bias"]);
  const auto a = torch::softmax(scores, 2).select(2, 1);
  const auto change = (m * a).unsqueeze(2) * (o - sequence.residual);
  const auto share = m.mean(1);
  return {torch::where(hard.unsqueeze(2) > 0, change, torch::zeros_like(change)),
          3 * (0.25 - share).square().mean()};
}

using Case = std::tuple<SelectedKeys, int64_t>;  // keys, span
class SelectiveAttentionTwinTest : public testing::TestWithParam<Case> {};

TEST_P(SelectiveAttentionTwinTest, OutputsGradientsAndPenaltyEqualTheDenseOnes) {
  const auto options = SmallOptions(std::get<0>(GetParam()), std::get<1>(GetParam()));
  const auto mixer = RandomMixer(options);
  const Sequence sequence = RandomSequence();
  SelectiveState state = mixer->Start(2, torch::kFloat64);
  const Chunk chunk{
      .starts = sequence.starts, .noise = NoiseFrom(21), .residual = sequence.residual};
  const auto y = RunMixer(*mixer, sequence.x, state, chunk);
  const auto penalty = mixer->PenaltyOf(state);
  const Dense dense = DenseSelectiveAttention(*mixer, sequence, options, 21);
  EXPECT_LT((y - dense.y).abs().max().item<double>(), kExact);
  EXPECT_LT((penalty - dense.penalty).abs().item<double>(), kExact);

  torch::autograd::variable_list inputs{sequence.x, sequence.residual};
  for (const torch::Tensor& parameter : mixer->parameters()) inputs.push_back(parameter);
  const auto ones = torch::ones_like(penalty);
  const auto got = torch::autograd::grad({y, penalty}, inputs, {sequence.grad_y, ones});
  const auto wanted =
      torch::autograd::grad({dense.y, dense.penalty}, inputs, {sequence.grad_y, ones});
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_LT((got[i] - wanted[i]).abs().max().item<double>(), kExact) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(KeysAndSpans, SelectiveAttentionTwinTest,
                         testing::Combine(testing::Values(SelectedKeys::kAll,
                                                          SelectedKeys::kSelected),
                                          testing::Values(0, 1, 7, 100)));

TEST(SelectiveAttentionTest, UnchosenTokensPassAsTheyAre) {
  const auto mixer = RandomMixer(SmallOptions(SelectedKeys::kAll, 7));
  mixer->eval();
  const Sequence sequence = RandomSequence();
  SelectiveState state = mixer->Start(2, torch::kFloat64);
  const Chunk chunk{.residual = sequence.residual};
  const auto y = RunMixer(*mixer, sequence.x, state, chunk);
  const auto changed = y.abs().sum(2) > 0;  // [B, n]
  EXPECT_EQ(changed.sum().item<int64_t>(), static_cast<int64_t>(state.chosen.sum().item<double>()));
  EXPECT_GT(changed.sum().item<int64_t>(), 10);
  EXPECT_LT(changed.sum().item<int64_t>(), 50);
}

TEST(SelectiveAttentionTest, NoiseComesWithTrainingAlone) {
  const auto mixer = RandomMixer(SmallOptions(SelectedKeys::kAll, 7));
  const Sequence sequence = RandomSequence();
  const auto run = [&](uint64_t seed) {
    SelectiveState state = mixer->Start(2, torch::kFloat64);
    const Chunk chunk{.noise = NoiseFrom(seed), .residual = sequence.residual};
    return RunMixer(*mixer, sequence.x, state, chunk);
  };
  EXPECT_FALSE(run(1).equal(run(2)));
  EXPECT_TRUE(run(1).equal(run(1)));
  mixer->eval();
  EXPECT_TRUE(run(1).equal(run(2)));
}

TEST(SelectiveAttentionTest, TheStateHoldsNoMoreThanTheSpan) {
  const auto mixer = RandomMixer(SmallOptions(SelectedKeys::kAll, 7));
  const Sequence sequence = RandomSequence();
  SelectiveState state = mixer->Start(2, torch::kFloat64);
  const Chunk chunk{.noise = NoiseFrom(1), .residual = sequence.residual};
  RunMixer(*mixer, sequence.x, state, chunk);
  EXPECT_EQ(state.keys.size(1), 6);
  const auto context = mixer->StartContext(2, {});
  HandedOn handed;
  int64_t full = 0;
  for (int64_t t = 0; t < 30; ++t) {
    const Chunk own{.residual = sequence.residual.narrow(1, t, 1)};
    context->Step(sequence.x.narrow(1, t, 1), own, handed);
    if (t == 7) full = context->bytes();
  }
  EXPECT_EQ(context->bytes(), full);
}

TEST(TokenChoiceTest, ChoicesHaveTheSoftmaxsProbability) {
  const auto scores = torch::tensor({0.0, 1.0}, torch::kFloat64).expand({1, 20000, 2});
  const auto keys = NoiseOfTokens({.seed = 3}, {}, 1, 20000, 1, torch::kCPU).keys;
  const auto chosen = ChooseWithNoise(scores, keys, 1).chosen;
  EXPECT_NEAR(chosen.to(torch::kFloat64).mean().item<double>(), 1 / (1 + std::exp(-1)), 0.01);
}

TEST(RangeAttentionTest, ManyBlocksEqualTheReference) {
  torch::manual_seed(2);
  const auto draw = [](at::IntArrayRef sizes) {
    return torch::randn(sizes, torch::kFloat64).requires_grad_();
  };
  const auto q = draw({4, 200, 3}), k = draw({2, 300, 3}), v = draw({2, 300, 3});
  const auto last = torch::arange(200) + 101;
  const KeyRanges ranges{(last - 37).clamp_min(90), last};
  const auto got = AttendRanges(q, k, v, ranges);
  const auto wanted = ReferenceAttendRanges(q, k, v, ranges);
  EXPECT_LT((got - wanted).abs().max().item<double>(), kExact);
  const auto grad = torch::randn_like(got);
  const auto got_grads = torch::autograd::grad({got}, {q, k, v}, {grad});
  const auto wanted_grads = torch::autograd::grad({wanted}, {q, k, v}, {grad});
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_LT((got_grads[i] - wanted_grads[i]).abs().max().item<double>(), kExact) << i;
  }
}

}  // namespace
}  // namespace longplay
