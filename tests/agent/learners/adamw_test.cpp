// SPDX-License-Identifier: MIT
#include "agent/learners/adamw.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <memory>
#include <vector>

namespace longplay {
namespace {

/// Two equal layers with equal gradients, one for our optimiser and one for torch's.
class AdamWTest : public testing::Test {
 protected:
  AdamWTest() {
    const torch::NoGradGuard no_grad;
    torch::manual_seed(1);
    for (const torch::Tensor& parameter : ours_->parameters()) parameter.normal_();
    theirs_->weight.copy_(ours_->weight);
    theirs_->bias.copy_(ours_->bias);
  }

  void GiveGradients(double scale) {
    const std::vector<torch::Tensor> ours = ours_->parameters(), theirs = theirs_->parameters();
    for (size_t i = 0; i < ours.size(); ++i) {
      ours[i].mutable_grad() = torch::randn(ours[i].sizes()) * scale;
      theirs[i].mutable_grad() = ours[i].grad().clone();
    }
  }

  torch::nn::Linear ours_{5, 3}, theirs_{5, 3};
};

TEST_F(AdamWTest, StepsAsTorchDoes) {
  constexpr double kRate = 0.01, kDecay = 0.1;
  AdamW optimizer(*ours_, kDecay, {});
  torch::optim::AdamW reference(
      {torch::optim::OptimizerParamGroup({theirs_->weight}),
       torch::optim::OptimizerParamGroup({theirs_->bias},
                                         std::make_unique<torch::optim::AdamWOptions>(
                                             torch::optim::AdamWOptions(kRate).weight_decay(0)))},
      torch::optim::AdamWOptions(kRate).weight_decay(kDecay));
  for (int step = 0; step < 5; ++step) {
    GiveGradients(1);
    optimizer.Step(kRate);
    reference.step();
    EXPECT_TRUE(torch::allclose(ours_->weight, theirs_->weight, 1e-6, 1e-7)) << step;
    EXPECT_TRUE(torch::allclose(ours_->bias, theirs_->bias, 1e-6, 1e-7)) << step;
    EXPECT_FALSE(ours_->weight.grad().defined());
  }
}

TEST_F(AdamWTest, ClipsAsTorchDoes) {
  AdamW optimizer(*ours_, 0, {});
  for (const double scale : {0.01, 1.0, 100.0}) {
    GiveGradients(scale);
    const double norm = optimizer.ClipGradients(1);
    EXPECT_NEAR(norm, torch::nn::utils::clip_grad_norm_(theirs_->parameters(), 1), 1e-5 * norm);
    EXPECT_TRUE(torch::allclose(ours_->weight.grad(), theirs_->weight.grad(), 1e-5, 0));
    EXPECT_TRUE(torch::allclose(ours_->bias.grad(), theirs_->bias.grad(), 1e-5, 0));
  }
}

TEST_F(AdamWTest, WithoutALimitGradientsStay) {
  AdamW optimizer(*ours_, 0, {});
  GiveGradients(100);
  EXPECT_GT(optimizer.ClipGradients(0), 1);
  EXPECT_TRUE(torch::equal(ours_->weight.grad(), theirs_->weight.grad()));
}

}  // namespace
}  // namespace longplay
