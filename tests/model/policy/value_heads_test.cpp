// SPDX-License-Identifier: MIT
#include "model/policy/value_heads.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <string>
#include <vector>

#include "model/policy/policy_network.h"

namespace longplay {
namespace {

/// The perceptron `name` of the heads on one row, number by number.
double ByHand(const ValueHeads& heads, const std::string& name, std::vector<double> x) {
  const auto parameters = heads->named_parameters();
  for (int layer = 0; layer < 3; ++layer) {
    const std::string prefix = name + "_" + std::to_string(layer);
    const torch::Tensor& weight = parameters[prefix + ".weight"];
    const torch::Tensor& bias = parameters[prefix + ".bias"];
    std::vector<double> y;
    for (int64_t row = 0; row < weight.size(0); ++row) {
      double sum = bias[row].item<double>();
      for (size_t k = 0; k < x.size(); ++k) {
        sum += weight[row][static_cast<int64_t>(k)].item<double>() * x[k];
      }
      y.push_back(layer < 2 ? std::max(sum, 0.0) : sum);
    }
    x = y;
  }
  return x[0];
}

std::vector<double> Numbers(const torch::Tensor& row) {
  const torch::Tensor flat = row.contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

// In float64 the residual is 1e-16.
TEST(ValueHeadsTest, ThreePerceptronsReadFeaturesAndActions) {
  torch::manual_seed(1);
  ValueHeads heads(4, 2, 5);
  heads->to(torch::kFloat64);
  const torch::Tensor features = torch::randn({2, 3, 4}, torch::kFloat64);
  const torch::Tensor actions = torch::randn({2, 3, 2}, torch::kFloat64);
  const torch::Tensor of_states = heads->StateValues(features);
  const torch::Tensor of_actions = heads->ActionValues(features, actions);
  ASSERT_EQ(of_states.sizes(), torch::IntArrayRef({2, 3}));
  ASSERT_EQ(of_actions.sizes(), torch::IntArrayRef({2, 2, 3}));
  for (int64_t b = 0; b < 2; ++b) {
    for (int64_t t = 0; t < 3; ++t) {
      const std::vector<double> seen = Numbers(features[b][t]);
      std::vector<double> done = seen;
      for (const double number : Numbers(actions[b][t])) done.push_back(number);
      EXPECT_NEAR(of_states[b][t].item<double>(), ByHand(heads, "state", seen), 1e-14);
      EXPECT_NEAR(of_actions[0][b][t].item<double>(), ByHand(heads, "first", done), 1e-14);
      EXPECT_NEAR(of_actions[1][b][t].item<double>(), ByHand(heads, "second", done), 1e-14);
    }
  }
}

StepTensors SomeSteps(int64_t first, int64_t count) {
  const auto wave = [&](int64_t width) {
    return (torch::arange(first * width, (first + count) * width, torch::kFloat64) * 0.7)
        .sin()
        .view({1, count, width});
  };
  return {.returns = wave(1).squeeze(2),
          .observations = wave(3),
          .previous_actions = wave(2),
          .previous_rewards = wave(1).squeeze(2),
          .previous_completions = torch::zeros({1, count}, torch::kFloat64),
          .episode_steps = torch::arange(first, first + count, torch::kInt64).view({1, count}),
          .episodes = torch::zeros({1, count}, torch::kInt64)};
}

TEST(ValueHeadsTest, WithoutThemTheNetworkIsTheSame) {
  const ModelOptions options{.observation_size = 3,
                             .action_size = 2,
                             .attention = {.width = 8, .heads = 2},
                             .feed_forward_width = 16};
  torch::manual_seed(5);
  PolicyNetwork plain(options);
  torch::manual_seed(5);
  PolicyNetwork valued(options, 6);
  const auto parameters = valued->named_parameters();
  for (const auto& item : plain->named_parameters()) {
    EXPECT_TRUE(parameters[item.key()].equal(item.value())) << item.key();
  }
  plain->to(torch::kFloat64);
  valued->to(torch::kFloat64);
  const torch::NoGradGuard no_grad;
  const Prediction with = valued->Predict(SomeSteps(0, 5)),
                   without = plain->Predict(SomeSteps(0, 5));
  EXPECT_TRUE(with.output.equal(without.output));
  EXPECT_FALSE(without.features.defined());

  // Features of single steps are those of all at once; measured: 1e-15.
  ContextState context = valued->StartContext(1, 5);
  for (int64_t t = 0; t < 5; ++t) {
    const Prediction step = valued->PredictStep(SomeSteps(t, 1), context);
    EXPECT_LT((step.features[0] - with.features[0][t]).abs().max().item<double>(), 1e-13);
    EXPECT_LT((step.output[0] - with.output[0][t]).abs().max().item<double>(), 1e-13);
  }
}

}  // namespace
}  // namespace longplay
