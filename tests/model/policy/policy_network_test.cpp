// SPDX-License-Identifier: MIT
#include "model/policy/policy_network.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <tuple>
#include <vector>

#include "tests/model/every_mixer.h"
#include "tests/model/random_steps.h"

namespace longplay {
namespace {

ModelOptions SmallOptions(TokenLayout layout) {
  ModelOptions options{.observation_size = 3, .action_size = 2, .layers = 2};
  options.tokens.layout = layout;
  options.attention = {.width = 16, .heads = 2};
  options.feed_forward_width = 32;
  options.max_episode_steps = 4;
  options.max_episodes = 2;  // later episodes share the last row
  return options;
}

PolicyNetwork MakeNetwork(const ModelOptions& options, torch::ScalarType dtype) {
  torch::manual_seed(1);
  PolicyNetwork network(options);
  // Larger weights than the fresh ones, so that an error cannot hide.
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network->parameters()) parameter.normal_(0, 0.3);
  network->to(dtype);
  return network;
}

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

class LayoutTest : public testing::TestWithParam<TokenLayout> {};

/// Largest difference between acting step by step and one pass over all steps.
double StepAgainstForward(const ModelOptions& options, torch::ScalarType dtype) {
  auto network = MakeNetwork(options, dtype);
  const StepTensors steps = RandomSteps(options, 3, 9, dtype);
  const auto whole = network->forward(steps);
  auto context = network->StartContext(3, /*capacity=*/2);  // too small: storage must grow
  double largest = 0;
  for (int64_t t = 0; t < 9; ++t) {
    const auto row = network->Step(Slice(steps, t, t + 1), context);
    largest = std::max(largest, LargestDifference(row, whole.select(1, t)));
  }
  return largest;
}

TEST_P(LayoutTest, StepEqualsForwardRowByRow) {
  // Residuals measured: 2e-15 and 2e-6 on outputs of size 1 to 10.
  EXPECT_LT(StepAgainstForward(SmallOptions(GetParam()), torch::kFloat64), 1e-10);
  EXPECT_LT(StepAgainstForward(SmallOptions(GetParam()), torch::kFloat32), 1e-5);
}

// Episodes end at different times: each chain begins anew when it likes, one leaves early.
TEST_P(LayoutTest, RaggedContextsEqualSeparateForwardsStepByStep) {
  const ModelOptions options = SmallOptions(GetParam());
  auto network = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 3, 20, torch::kFloat64);
  auto context = network->StartContext(3, /*capacity=*/2);
  std::vector<int64_t> first = {0, 0, 0}, live = {0, 1, 2};
  double largest = 0;
  for (int64_t t = 0; t < 20; ++t) {
    for (size_t place = 0; place < live.size(); ++place) {
      if (t % (4 + 3 * live[place]) != 3) continue;
      context.Forget(static_cast<int64_t>(place));
      first[live[place]] = t;
    }
    if (t == 12) {
      context.Select({0, 2});
      live = {0, 2};
    }
    const auto rows = network->Step(
        SelectChains(Slice(steps, t, t + 1), torch::tensor(live, torch::kInt64)), context);
    for (size_t place = 0; place < live.size(); ++place) {
      const int64_t i = live[place];
      const auto alone = network->forward(
          SelectChains(Slice(steps, first[i], t + 1), torch::tensor({i}, torch::kInt64)));
      largest = std::max(largest, LargestDifference(rows[place], alone[0][-1]));
    }
  }
  EXPECT_LT(largest, 1e-10);  // residual measured: 3e-15
}

TEST_P(LayoutTest, AbsorbedStepsAreAsStepsActed) {
  const ModelOptions options = SmallOptions(GetParam());
  auto network = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 2, 40, torch::kFloat64);
  for (const int64_t window : {0, 7}) {
    auto acted = network->StartContext(2, 0, window),
         absorbed = network->StartContext(2, 0, window);
    for (int64_t t = 0; t < 39; ++t) network->Step(Slice(steps, t, t + 1), acted);
    network->Absorb(Slice(steps, 0, 39), absorbed);
    const StepTensors last = Slice(steps, 39, 40);
    EXPECT_LT(LargestDifference(network->Step(last, acted), network->Step(last, absorbed)), 1e-12);
  }
}

TEST_P(LayoutTest, AWindowIsASpanInEveryLayer) {
  ModelOptions options = SmallOptions(GetParam());
  auto network = MakeNetwork(options, torch::kFloat64);
  options.attention.span = 5 * (GetParam() == TokenLayout::kMerged ? 1 : 5);
  auto spanned = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 2, 17, torch::kFloat64);
  const auto expected = spanned->forward(steps);
  auto context = network->StartContext(2, 0, /*window=*/5);
  for (int64_t t = 0; t < 17; ++t) {
    const auto row = network->Step(Slice(steps, t, t + 1), context);
    EXPECT_LT(LargestDifference(row, expected.select(1, t)), 1e-10) << t;
  }
}

TEST_P(LayoutTest, SinksStayInTheContext) {
  ModelOptions options = SmallOptions(GetParam());
  options.attention.span = 6;
  options.attention.sinks = 4;
  auto network = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 2, 17, torch::kFloat64);
  const auto expected = network->forward(steps);
  auto context = network->StartContext(2, 0);
  for (int64_t t = 0; t < 17; ++t) {
    const auto row = network->Step(Slice(steps, t, t + 1), context);
    EXPECT_LT(LargestDifference(row, expected.select(1, t)), 1e-10) << t;
  }
}

TEST_P(LayoutTest, ChangingAnActionAndAllThatFollowsChangesNoEarlierPrediction) {
  const ModelOptions options = SmallOptions(GetParam());
  auto network = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 2, 7, torch::kFloat64);
  const auto before = network->forward(steps);
  for (int64_t t = 0; t + 1 < 7; ++t) {
    // action_t first appears as the previous action of step t + 1.
    StepTensors changed = RandomSteps(options, 2, 7, torch::kFloat64);
    for (auto field :
         {&StepTensors::returns, &StepTensors::observations, &StepTensors::previous_actions,
          &StepTensors::previous_rewards, &StepTensors::previous_completions}) {
      (changed.*field).slice(1, 0, t + 1).copy_((steps.*field).slice(1, 0, t + 1));
    }
    const auto after = network->forward(changed);
    EXPECT_EQ(LargestDifference(before.slice(1, 0, t + 1), after.slice(1, 0, t + 1)), 0) << t;
    EXPECT_GT(LargestDifference(before.select(1, t + 1), after.select(1, t + 1)), 1e-3) << t;
  }
}

TEST_P(LayoutTest, EveryInputOfAStepReachesItsPrediction) {
  const ModelOptions options = SmallOptions(GetParam());
  auto network = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 2, 3, torch::kFloat64);
  const auto before = network->forward(steps).select(1, 2);
  for (auto field :
       {&StepTensors::returns, &StepTensors::observations, &StepTensors::previous_actions,
        &StepTensors::previous_rewards, &StepTensors::previous_completions}) {
    StepTensors changed = steps;
    changed.*field = (steps.*field).clone();
    (changed.*field).select(1, 2).add_(1);
    EXPECT_GT(LargestDifference(network->forward(changed).select(1, 2), before), 1e-3);
  }
}

TEST_P(LayoutTest, PaddingOnTheRightChangesNothing) {
  const ModelOptions options = SmallOptions(GetParam());
  auto network = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 2, 9, torch::kFloat64);
  // 1e-12: another length may take another kernel, which sums in another order.
  EXPECT_LT(LargestDifference(network->forward(Slice(steps, 0, 5)),
                              network->forward(steps).slice(1, 0, 5)),
            1e-12);
}

TEST_P(LayoutTest, KindsLeftOutNeedNotBeGiven) {
  ModelOptions options = SmallOptions(GetParam());
  options.tokens.use_reward = options.tokens.use_completion = false;
  auto network = MakeNetwork(options, torch::kFloat64);
  StepTensors steps = RandomSteps(options, 2, 5, torch::kFloat64);
  steps.previous_rewards = steps.previous_completions = torch::Tensor();
  EXPECT_EQ(network->forward(steps).sizes(), (std::vector<int64_t>{2, 5, 2}));
  EXPECT_FALSE(network->named_parameters().contains("tokens.reward.weight"));
}

INSTANTIATE_TEST_SUITE_P(BothLayouts, LayoutTest,
                         testing::Values(TokenLayout::kMerged, TokenLayout::kInterleaved),
                         [](const auto& info) {
                           return info.param == TokenLayout::kMerged ? "Merged" : "Interleaved";
                         });

TEST(PolicyNetworkTest, WrongShapesAreRefusedByName) {
  const ModelOptions options = SmallOptions(TokenLayout::kMerged);
  auto network = MakeNetwork(options, torch::kFloat32);
  StepTensors steps = RandomSteps(options, 2, 5, torch::kFloat32);
  steps.observations = steps.observations.slice(2, 0, 2);
  try {
    network->forward(steps);
    FAIL() << "expected an error";
  } catch (const c10::Error& error) {
    EXPECT_NE(
        std::string(error.what()).find("observations: expected shape [2, 5, 3], got [2, 5, 2]"),
        std::string::npos)
        << error.what();
  }
}

TEST(PolicyNetworkTest, TheSameSeedDrawsTheSameWeights) {
  const ModelOptions options = SmallOptions(TokenLayout::kMerged);
  torch::manual_seed(5);
  PolicyNetwork first(options);
  torch::manual_seed(5);
  PolicyNetwork second(options);
  for (const auto& [name, parameter] : first->named_parameters().pairs()) {
    EXPECT_TRUE(torch::equal(parameter, second->named_parameters()[name])) << name;
  }
}

TEST(PolicyNetworkTest, FreshPolicyStartsNearTheMiddleOfTheActionRange) {
  torch::manual_seed(1);
  ModelOptions options{.observation_size = 17, .action_size = 6};
  PolicyNetwork network(options);
  const auto output = network->forward(RandomSteps(options, 2, 20, torch::kFloat32));
  EXPECT_LT(output.abs().max().item<double>(), 0.6);
}

TEST(PolicyNetworkTest, DropoutActsInTrainingOnlyAndNeverInStep) {
  ModelOptions options = SmallOptions(TokenLayout::kMerged);
  options.dropout = 0.5;
  auto network = MakeNetwork(options, torch::kFloat64);
  const StepTensors steps = RandomSteps(options, 2, 1, torch::kFloat64);
  StepTensors other = steps;
  other.noise.step = 1;
  EXPECT_GT(LargestDifference(network->forward(steps), network->forward(other)), 1e-3);
  auto first = network->StartContext(2, 1), second = network->StartContext(2, 1);
  EXPECT_EQ(LargestDifference(network->Step(steps, first), network->Step(steps, second)), 0);
  network->eval();
  EXPECT_EQ(LargestDifference(network->forward(steps), network->forward(other)), 0);
}

/// A small stack of every mixer, by the name that a configuration has for it.
ModelOptions OptionsOf(const std::string& mixer) {
  ModelOptions options = SmallOptions(TokenLayout::kMerged);
  options.max_episode_steps = 8;
  options.max_episodes = 4;
  UseMixer(mixer, options);
  return options;
}

class EveryMixerTest
    : public testing::TestWithParam<std::tuple<const char*, EpisodeContext, TokenLayout>> {};

// Chains at different times, some done; episodes of four steps, after which a state may be reset.
TEST_P(EveryMixerTest, ActsAsItPredicts) {
  ModelOptions options = OptionsOf(std::get<0>(GetParam()));
  options.episode_context = std::get<1>(GetParam());
  options.tokens.layout = std::get<2>(GetParam());
  auto network = MakeNetwork(options, torch::kFloat64);
  network->eval();
  const StepTensors steps = RandomSteps(options, 3, 15, torch::kFloat64);
  const auto whole = network->forward(steps);
  auto context = network->StartContext(3, 0);
  std::vector<int64_t> live = {0, 1, 2};
  for (int64_t t = 0; t < 15; ++t) {
    if (t == 9) {
      context.Select({0, 2});
      live = {0, 2};
    }
    const auto rows = torch::tensor(live, torch::kInt64);
    if (options.episode_context == EpisodeContext::kReset && t % 4 == 0) {
      for (size_t place = 0; place < live.size(); ++place) context.Forget(place);
    }
    const auto y = network->Step(SelectChains(Slice(steps, t, t + 1), rows), context);
    EXPECT_LT(LargestDifference(y, whole.select(1, t).index_select(0, rows)), 1e-10) << t;
  }
}

TEST_P(EveryMixerTest, GradientsInChunksEqualThoseOfTheWhole) {
  ModelOptions options = OptionsOf(std::get<0>(GetParam()));
  options.episode_context = std::get<1>(GetParam());
  options.tokens.layout = std::get<2>(GetParam());
  const StepTensors steps = RandomSteps(options, 2, 15, torch::kFloat64);
  const auto gradients = [&](Keep keep, int64_t tokens_at_once) {
    options.keep = keep;
    options.tokens_at_once = tokens_at_once;
    auto network = MakeNetwork(options, torch::kFloat64);
    const Prediction prediction = network->Predict(steps);
    auto loss =
        (prediction.output * torch::linspace(-1, 1, prediction.output.numel(), torch::kFloat64)
                                 .view_as(prediction.output))
            .sum();
    if (prediction.penalty.defined()) loss = loss + prediction.penalty;
    return torch::autograd::grad({loss}, network->parameters(), {}, {}, false, true);
  };
  const auto whole = gradients(Keep::kEverything, 1000);
  const auto chunks = gradients(Keep::kLayerInputs, 6);
  for (size_t i = 0; i < whole.size(); ++i) {
    const auto zero = torch::zeros({}, torch::kFloat64);  // undefined where nothing is passed
    EXPECT_LT(LargestDifference(whole[i].defined() ? whole[i] : zero,
                                chunks[i].defined() ? chunks[i] : zero),
              1e-10)
        << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Mixers, EveryMixerTest,
    testing::Combine(testing::Values("mamba", "mamba2", "taipan", "masformer", "rwkv4", "rwkv7",
                                     "memory", "memsizer", "mixed"),
                     testing::Values(EpisodeContext::kCarry, EpisodeContext::kReset),
                     testing::Values(TokenLayout::kMerged, TokenLayout::kInterleaved)));

}  // namespace
}  // namespace longplay
