// SPDX-License-Identifier: MIT
#include "model/layers/layers_over_ranks.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <string>

#include "model/layers/layer_stack.h"
#include "model/layers/stack_plan.h"
#include "model/ranks/hand_on.h"
#include "tests/model/every_mixer.h"
#include "tests/model/ranks/thread_context.h"

namespace longplay {
namespace {

constexpr double kExact = 1e-10;  // residuals measured below 1e-12 on gradients of size up to 100
constexpr int64_t kWidth = 16;

struct Tried {
  std::string name;
  ModelOptions options;
};

ModelOptions StackOf(const std::string& mixer, Keep keep) {
  ModelOptions options{.observation_size = 1, .action_size = 1, .layers = 3};
  options.attention = {.width = kWidth, .heads = 2, .query_block = 5, .key_block = 1};
  options.feed_forward_width = 20;
  UseMixer(mixer, options);
  if (mixer == "mixed") {
    options.layer_mixers = {MixerKind::kMamba2, MixerKind::kAttention, MixerKind::kMamba};
  }
  options.keep = keep;
  return options;
}

/// First weights are drawn from the process's generator: not from several threads.
LayerStack MakeStack(const ModelOptions& options) {
  torch::manual_seed(1);
  LayerStack stack(options);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : stack->parameters()) parameter.normal_(0, 0.3);
  stack->to(torch::kFloat64);
  return stack;
}

struct Outcome {
  torch::Tensor y, grad_x;               // [B, T, D]
  torch::Tensor penalty;                 // or undefined
  std::vector<torch::Tensor> gradients;  // of the parameters
};

/// A loss in which every number of y has a weight of its own, and the penalty.
torch::Tensor LossOf(const torch::Tensor& y, const torch::Tensor& weights,
                     const torch::Tensor& penalty) {
  const auto loss = (y * weights).sum();
  return penalty.defined() ? loss + 3 * penalty : loss;
}

torch::Tensor WeightsFor(const torch::Tensor& x) {
  return torch::linspace(-1, 1, x.numel(), x.options()).view_as(x);
}

Outcome RunAlone(const ModelOptions& options, const torch::Tensor& x,
                 const torch::Tensor& segments) {
  LayerStack stack = MakeStack(options);
  const auto input = x.clone().requires_grad_();
  Outcome outcome;
  const auto y = stack->forward(input, segments, {}, &outcome.penalty);
  LossOf(y, WeightsFor(x), outcome.penalty).backward();
  outcome.y = y.detach();
  outcome.grad_x = input.grad();
  for (const auto& parameter : stack->parameters()) outcome.gradients.push_back(parameter.grad());
  return outcome;
}

/// Puts a rank's tokens into those of all.
void Place(const SequenceSlice& slice, const torch::Tensor& own, torch::Tensor& whole) {
  int64_t before = 0;
  for (const Range range : slice.own()) {
    whole.narrow(1, range.first, range.size()).copy_(own.narrow(1, before, range.size()));
    before += range.size();
  }
}

Outcome RunOnRanks(const ModelOptions& options, const torch::Tensor& x,
                   const torch::Tensor& segments, int64_t R) {
  std::vector<LayerStack> stacks;
  for (int64_t rank = 0; rank < R; ++rank) stacks.push_back(MakeStack(options));
  Outcome sum{torch::empty_like(x), torch::empty_like(x), {}, {}};
  ThreadContext context(R);
  const SlicePlan plan = PlanSlices(options);
  std::vector<torch::Tensor> penalties(R);
  context.Run([&](ContextRanks& ranks) {
    const SequenceSlice slice = CutSequence(x.size(1), plan.order, plan.unit, ranks);
    const auto input = slice.Of(x).clone().requires_grad_();
    torch::Tensor& penalty = penalties[ranks.rank()];
    const auto y = stacks[ranks.rank()]->forward(input, segments, {}, &penalty, &slice);
    LossOf(y, slice.Of(WeightsFor(x)), penalty).backward();
    Place(slice, y.detach(), sum.y);
    Place(slice, input.grad(), sum.grad_x);
  });
  // The last rank alone has the penalty, of the whole sequence.
  for (int64_t rank = 0; rank + 1 < R; ++rank) EXPECT_FALSE(penalties[rank].defined());
  sum.penalty = penalties.back();
  for (size_t i = 0; i < stacks.front()->parameters().size(); ++i) {
    torch::Tensor gradient;
    for (auto& stack : stacks) {
      const auto more = stack->parameters()[i].grad();
      if (more.defined()) gradient = gradient.defined() ? gradient + more : more;
    }
    sum.gradients.push_back(gradient);
  }
  return sum;
}

double Difference(const torch::Tensor& a, const torch::Tensor& b) {
  if (!a.defined() || !b.defined()) {
    const auto& one = a.defined() ? a : b;  // a parameter that no rank used
    return one.defined() ? one.abs().max().item<double>() : 0;
  }
  return (a - b).abs().max().item<double>();
}

void ExpectSame(const ModelOptions& options, int64_t B, int64_t T, const torch::Tensor& segments,
                const std::string& name) {
  torch::manual_seed(B * 100 + T);
  const auto x = torch::randn({B, T, kWidth}, torch::kFloat64);
  const Outcome one = RunAlone(options, x, segments);
  for (const int64_t R : {1, 2, 3, 4}) {
    const Outcome shared = RunOnRanks(options, x, segments, R);
    const std::string what =
        name + ", " + std::to_string(R) + " ranks, " + std::to_string(B) + " chains";
    EXPECT_LT(Difference(one.y, shared.y), kExact) << what;
    EXPECT_LT(Difference(one.grad_x, shared.grad_x), kExact) << what;
    EXPECT_EQ(one.penalty.defined(), shared.penalty.defined()) << what;
    EXPECT_LT(Difference(one.penalty, shared.penalty), kExact) << what;
    ASSERT_EQ(one.gradients.size(), shared.gradients.size());
    double largest = 0;
    for (size_t i = 0; i < one.gradients.size(); ++i) {
      EXPECT_LT(Difference(one.gradients[i], shared.gradients[i]), kExact) << what << " " << i;
      if (one.gradients[i].defined()) {
        largest = std::max(largest, one.gradients[i].abs().max().item<double>());
      }
    }
    EXPECT_GT(largest, 1e-3) << what;
  }
}

constexpr const char* kMixers[] = {"attention", "reference", "mamba", "mamba2",
                                   "taipan",    "masformer", "rwkv4", "rwkv7",
                                   "memsizer",  "memory",    "mixed"};

class SharedSequenceTest : public testing::TestWithParam<const char*> {};

// 23 tokens divide by nothing; eight chains fill the ranks, one is taken layer by layer.
TEST_P(SharedSequenceTest, GradientsAreThoseOfOneProcess) {
  for (const Keep keep : {Keep::kEverything, Keep::kLayerInputs, Keep::kLayerInputsAndAttention}) {
    const ModelOptions options = StackOf(GetParam(), keep);
    ExpectSame(options, 1, 23, {}, GetParam());
    ExpectSame(options, 9, 23, {}, GetParam());
  }
}

// Segments that end inside of ranks' slices, at their ends, and span several.
TEST_P(SharedSequenceTest, SegmentsStayApart) {
  if (std::string(GetParam()) == "memory") return;  // refused, see the agent's test
  auto segments = torch::zeros({2, 24}, torch::kInt64);
  segments[0].narrow(0, 6, 18).fill_(1);
  segments[0].narrow(0, 17, 7).fill_(2);
  segments[1].narrow(0, 23, 1).fill_(3);
  ExpectSame(StackOf(GetParam(), Keep::kLayerInputs), 2, 24, segments, GetParam());
}

// Dropout and, in Taipan, choices: what is drawn is a function of its place.
TEST_P(SharedSequenceTest, NoiseIsThatOfOneProcess) {
  ModelOptions options = StackOf(GetParam(), Keep::kLayerInputs);
  options.dropout = 0.2;
  options.attention.dropout = 0.1;
  ExpectSame(options, 2, 23, {}, GetParam());
}

INSTANTIATE_TEST_SUITE_P(All, SharedSequenceTest, testing::ValuesIn(kMixers),
                         [](const auto& tried) { return std::string(tried.param); });

TEST(SharedSequenceTest, SpansAndSharedHeadsToo) {
  ModelOptions options = StackOf("attention", Keep::kLayerInputsAndAttention);
  options.attention.key_value_heads = 1;
  options.layer_spans = {7, 0, 3};
  ExpectSame(options, 2, 23, {}, "spans");
  options.layer_spans = {};
  options.attention.span = 6;
  options.attention.sinks = 2;
  ExpectSame(options, 2, 23, {}, "sinks");
}

// A layer that keeps keys and values as its state: they are handed on, all of them.
TEST(SharedSequenceTest, AttentionUnderSwiGluHandsItsKeysOn) {
  ModelOptions options = StackOf("attention", Keep::kLayerInputs);
  options.feed_forward = FeedForwardKind::kSwiGlu;
  ExpectSame(options, 2, 23, {}, "swiglu");
}

// Eight bits round by the tokens' own noise: the same numbers on any rank.
TEST(SharedSequenceTest, KeptInEightBitsTheGradientsAreThoseOfOneProcess) {
  for (const char* mixer : {"attention", "mamba2"}) {
    ModelOptions options = StackOf(mixer, Keep::kLayerInputs);
    options.kept.type = KeptType::kInt8;
    options.layers = 1;          // the one tensor that both keep
    options.tokens_at_once = 1;  // states between chunks are exact: as many chunks in both
    ExpectSame(options, 1, 23, {}, mixer);
  }
}

// A state does not grow with the sequence, and neither do the bytes.
TEST(SharedSequenceTest, AStateAndItsGradientAreAllThatIsSent) {
  for (const char* mixer : {"mamba", "mamba2", "rwkv4", "rwkv7", "memsizer"}) {
    const ModelOptions options = StackOf(mixer, Keep::kLayerInputs);
    int64_t there = 0, back = 0;
    for (const LayerPlan& plan : PlanStack(options).layers) {
      const LayerState state = Layer(options, plan)->StartState(1, torch::kFloat64);
      there += BytesOfState(state.mixer) + BytesOfState(state.channel);
      back += BytesOfStateGradient(state.mixer) + BytesOfStateGradient(state.channel);
    }
    for (const int64_t T : {12, 24}) {
      std::vector<LayerStack> stacks;
      for (int64_t rank = 0; rank < 3; ++rank) stacks.push_back(MakeStack(options));
      ThreadContext context(3);
      context.Run([&](ContextRanks& ranks) {
        const SequenceSlice slice = CutSequence(T, SliceOrder::kInOrder, 1, ranks);
        const auto x = torch::ones({1, slice.size(), kWidth}, torch::kFloat64).requires_grad_();
        stacks[ranks.rank()]->forward(x, {}, {}, nullptr, &slice).sum().backward();
        EXPECT_EQ(ranks.bytes_sent(),
                  (ranks.rank() < 2 ? there : 0) + (ranks.rank() > 0 ? back : 0))
            << mixer;
      });
    }
  }
}

TEST(PlanSlicesTest, ZigzagIsForFullAttentionAlone) {
  const auto order = [](const ModelOptions& options) { return PlanSlices(options).order; };
  ModelOptions options = StackOf("attention", Keep::kLayerInputs);
  EXPECT_EQ(order(options), SliceOrder::kZigzag);
  EXPECT_EQ(order(StackOf("masformer", Keep::kLayerInputs)), SliceOrder::kZigzag);
  options.attention.span = 5;
  EXPECT_EQ(order(options), SliceOrder::kInOrder);
  for (const char* mixer : {"mamba", "taipan", "rwkv7", "mixed", "reference"}) {
    EXPECT_EQ(order(StackOf(mixer, Keep::kLayerInputs)), SliceOrder::kInOrder) << mixer;
  }
  EXPECT_EQ(PlanSlices(StackOf("memory", Keep::kLayerInputs)).unit, 5);
}

}  // namespace
}  // namespace longplay
