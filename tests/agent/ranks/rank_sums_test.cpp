// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_sums.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <mutex>

#include "tests/agent/ranks/thread_ranks.h"

namespace longplay {
namespace {

/// Gradients of rank `rank`'s pass `pass` of three parameters; the last is used by the last rank only,
/// and larger than a bucket.
std::vector<torch::Tensor> Gradients(int64_t rank, int64_t pass, int64_t ranks) {
  const auto value = static_cast<double>(1 + rank) + 0.1 * static_cast<double>(pass);
  std::vector<torch::Tensor> gradients = {torch::full({3, 2}, value),
                                          torch::full({}, -value, torch::kDouble),
                                          torch::full({(1 << 20) + 5}, value)};
  if (rank + 1 < ranks) gradients[2].reset();
  return gradients;
}

std::vector<torch::Tensor> Parameters() {
  return {torch::zeros({3, 2}), torch::zeros({}, torch::kDouble), torch::zeros({(1 << 20) + 5})};
}

TEST(RankSumsTest, GradientsAreAddedUpOverRanks) {
  for (const int64_t ranks : {2, 3, 4}) {
    ThreadRanks(ranks).Run([&](ProcessGroup& group) {
      const auto parameters = Parameters();
      const auto own = Gradients(group.rank(), 0, ranks);
      for (size_t i = 0; i < own.size(); ++i) {
        if (own[i].defined()) parameters[i].mutable_grad() = own[i].clone();
      }
      AllReduceGradients(group, parameters);
      const double sum = static_cast<double>(ranks * (ranks + 1)) / 2;
      EXPECT_TRUE(parameters[0].grad().equal(torch::full({3, 2}, sum)));
      EXPECT_TRUE(parameters[1].grad().equal(torch::full({}, -sum, torch::kDouble)));
      EXPECT_TRUE(
          parameters[2].grad().equal(torch::full({(1 << 20) + 5}, static_cast<double>(ranks))));
      // Each number once, in its own type: also those that this rank did not use.
      EXPECT_EQ(group.bytes_sent(), 4 * 6 + 8 + 4 * ((1 << 20) + 5));
    });
  }
}

// ((a + b) + c) + d in float32 differs from (a + b) + (c + d).
TEST(RankSumsTest, SumsInOrderAreThoseOfOneProcess) {
  const std::vector<float> numbers = {1e8F, 3.7F, -1e8F, 1.25F, 9e7F, 0.3F};
  float expected = numbers[0];
  for (size_t i = 1; i < numbers.size(); ++i) expected += numbers[i];
  for (const int64_t ranks : {1, 2, 3, 6}) {
    ThreadRanks(ranks).Run([&](ProcessGroup& group) {
      const int64_t each = static_cast<int64_t>(numbers.size()) / ranks;
      const std::vector<torch::Tensor> parameters = {torch::zeros({2}), torch::zeros({3})};
      std::vector<std::vector<torch::Tensor>> passes;
      for (int64_t i = 0; i < each; ++i) {
        const float number = numbers[group.rank() * each + i];
        passes.push_back({torch::full({2}, number), torch::Tensor()});
      }
      SumGradientsInOrder(group, parameters, passes);
      EXPECT_EQ(parameters[0].grad()[1].item<float>(), expected);
      EXPECT_TRUE(parameters[1].grad().equal(torch::zeros({3})));
      // To the next rank, and from the last one to all.
      EXPECT_EQ(group.bytes_sent(), 4 * 5);
    });
  }
}

// A gradient may be a view of another tensor, which must see the sum.
TEST(RankSumsTest, GradientsStayWhereTheyAre) {
  ThreadRanks(2).Run([](ProcessGroup& group) {
    const torch::Tensor all = torch::ones({4}), parameter = torch::zeros({2});
    parameter.mutable_grad() = all.narrow(0, 1, 2);
    AllReduceGradients(group, {parameter});
    EXPECT_TRUE(all.equal(torch::tensor({1.0F, 2.0F, 2.0F, 1.0F})));
  });
}

TEST(RankSumsTest, NumbersOfAllPassesAreTheSameEverywhere) {
  ThreadRanks(3).Run([](ProcessGroup& group) {
    // Rank 0 has passes 0 and 1, the others one each.
    const int64_t rank = group.rank();
    const OwnPasses passes{.first = rank == 0 ? 0 : rank + 1, .all = 4};
    std::vector<std::vector<double>> own = {{10.0 * static_cast<double>(passes.first), 1}};
    if (rank == 0) own.push_back({10, 2});
    const auto all = OfAllPasses(&group, passes, own);
    EXPECT_EQ(all, (std::vector<std::vector<double>>{{0, 1}, {10, 2}, {20, 1}, {30, 1}}));
    EXPECT_EQ(group.bytes_sent(), 8 * 4 * 2);
  });
  const std::vector<std::vector<double>> alone = {{1}, {2}};
  EXPECT_EQ(OfAllPasses(nullptr, {.all = 2}, alone), alone);
}

}  // namespace
}  // namespace longplay
