// SPDX-License-Identifier: MIT
#include "model/ranks/hand_on.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include "tests/model/ranks/thread_context.h"

namespace longplay {
namespace {

// y = x s_before, s = s_before + a: over three ranks, as one would compute it.
TEST(HandOnTest, GradientsComeBackThroughAllRanks) {
  const auto x = torch::tensor({2.0, 3.0, 5.0}, torch::kFloat64);
  const auto start = torch::tensor({7.0}, torch::kFloat64);
  // One process.
  const auto one = torch::tensor({11.0}, torch::kFloat64).requires_grad_();
  torch::Tensor loss, s = start;
  for (int64_t r = 0; r < 3; ++r) {
    const auto y = (x[r] * s).square().sum();
    loss = loss.defined() ? loss + y : y;
    s = s * one;
  }
  loss.backward();
  // Three ranks, each with a parameter of its own; an int64 tensor goes along.
  std::vector<torch::Tensor> gradients(3);
  ThreadContext ranks(3);
  ranks.Run([&](ContextRanks& context) {
    const int64_t r = context.rank();
    const auto a = torch::tensor({11.0}, torch::kFloat64).requires_grad_();
    std::vector<torch::Tensor> state = {start, torch::zeros({1}, torch::kInt64)};
    if (r > 0) state = TakeState(x[r].view({1}), 2, context);
    EXPECT_EQ(state[1].item<int64_t>(), r);
    const std::vector<torch::Tensor> last = {state[0] * a, state[1] + 1};
    auto y = x[r] * state[0] + 0 * a;
    const int64_t before = context.bytes_sent();
    if (r < 2) {
      y = HandOn(y, last, context);
      // Two shapes of eight numbers, then 8 bytes each.
      EXPECT_EQ(context.bytes_sent() - before, 2 * 64 + 16);
      EXPECT_EQ(BytesOfState(last), 2 * 64 + 16);
    }
    y.square().sum().backward();
    gradients[r] = a.grad();
    // A gradient goes back, of the floating tensor alone.
    EXPECT_EQ(context.bytes_sent() - before, (r < 2 ? 144 : 0) + (r > 0 ? 8 : 0));
    EXPECT_EQ(BytesOfStateGradient(last), 8);
  });
  const auto sum = gradients[0] + gradients[1] + gradients[2];
  EXPECT_DOUBLE_EQ(sum.item<double>(), one.grad().item<double>());
}

TEST(HandOnTest, AStateThatNobodyReadsGivesBackZeros) {
  ThreadContext ranks(2);
  ranks.Run([&](ContextRanks& context) {
    const auto x = torch::ones({1}, torch::kFloat64).requires_grad_();
    if (context.rank() == 0) {
      const auto a = torch::ones({2, 3}, torch::kFloat32).requires_grad_();
      HandOn(x * 2, {a * 3}, context).sum().backward();
      EXPECT_TRUE(a.grad().equal(torch::zeros({2, 3})));
    } else {
      const auto state = TakeState(x, 1, context);
      EXPECT_TRUE(state[0].equal(torch::full({2, 3}, 3.0F)));
      (x * 2 + 0 * state[0].sum()).sum().backward();
    }
  });
}

}  // namespace
}  // namespace longplay
