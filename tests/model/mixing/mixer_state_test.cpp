// SPDX-License-Identifier: MIT
#include "model/mixing/mixer_state.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace longplay {
namespace {

struct TwoTensors {
  torch::Tensor sums;    // [B, D]
  torch::Tensor tokens;  // [B]
  auto fields() { return std::tie(sums, tokens); }
};

TEST(MixerStateTest, TensorsOfAStateAreItsFieldsInOrder) {
  const auto sums = torch::ones({2, 3}), tokens = torch::zeros({2});
  const StateTensors tensors = TensorsOf(TwoTensors{sums, tokens});
  ASSERT_EQ(tensors.size(), 2);
  EXPECT_TRUE(tensors[0].is_same(sums));
  EXPECT_TRUE(tensors[1].is_same(tokens));
  const auto back = StateOf<TwoTensors>(tensors);
  EXPECT_TRUE(back.sums.is_same(sums));
  EXPECT_TRUE(back.tokens.is_same(tokens));
}

TEST(MixerStateTest, AnotherMixersNumberOfTensorsIsRefused) {
  EXPECT_THROW(StateOf<TwoTensors>({torch::ones({1})}), c10::Error);
  EXPECT_THROW(StateOf<TwoTensors>({}), c10::Error);
}

}  // namespace
}  // namespace longplay
