// SPDX-License-Identifier: MIT
#include "model/policy/prediction_head.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace longplay {
namespace {

TEST(PredictionHeadTest, OutputsAndGradientsEqualNormAndLinearForAnyChunk) {
  torch::manual_seed(1);
  Norm norm(NormKind::kLayer, 6, 1e-5);
  torch::nn::Linear head(6, 4);
  norm->to(torch::kFloat64);
  head->to(torch::kFloat64);
  {
    const torch::NoGradGuard no_grad;
    norm->weight.normal_();
    norm->bias.normal_();
  }
  const auto y = torch::randn({11, 6}, torch::kFloat64).requires_grad_();
  const auto grad = torch::randn({11, 4}, torch::kFloat64);
  const std::vector<torch::Tensor> inputs = {y, norm->weight, norm->bias, head->weight, head->bias};
  const auto wanted = head->forward(norm->forward(y));
  const auto wanted_grads = torch::autograd::grad({wanted}, inputs, {grad});
  for (const int64_t rows : {1, 4, 11, 100}) {
    const auto got = RunHead(norm, head, y, rows);
    EXPECT_LT((got - wanted).abs().max().item<double>(), 1e-12);  // residual measured: 1e-15
    const auto got_grads = torch::autograd::grad({got}, inputs, {grad});
    for (size_t i = 0; i < inputs.size(); ++i) {
      EXPECT_LT((got_grads[i] - wanted_grads[i]).abs().max().item<double>(), 1e-12) << i;
    }
  }
}

}  // namespace
}  // namespace longplay
