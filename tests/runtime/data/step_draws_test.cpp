// SPDX-License-Identifier: MIT
#include "runtime/data/step_draws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace longplay {
namespace {

/// Draws one window, whose length is a number of the generator.
class CountedSource : public BatchSource {
 public:
  std::vector<ChainWindow> Draw(std::mt19937_64& random) const override {
    ++draws;
    return {{.length = static_cast<int64_t>(random() >> 1)}};
  }
  void Load(std::span<const ChainWindow> /*drawn*/, Batch& /*batch*/) const override {}
  mutable int64_t draws = 0;
};

TEST(StepDrawsTest, AStepIsWhatTheGeneratorDrawsAfterThoseBefore) {
  const CountedSource source;
  StepDraws draws(source, 5);
  std::mt19937_64 random(5);
  std::vector<int64_t> wanted;
  for (int i = 0; i < 6; ++i) wanted.push_back(static_cast<int64_t>(random() >> 1));
  for (const int64_t step : {0, 1, 2, 5, 3, 3, 0}) {
    EXPECT_EQ(draws.Draw(step).at(0).length, wanted[step]) << step;
  }
  // In order one draw each; forward those between; back all again.
  EXPECT_EQ(source.draws, 3 + 3 + 4 + 4 + 1);
}

TEST(StepDrawsTest, NoStepIsBeforeTheFirst) {
  const CountedSource source;
  StepDraws draws(source, 5);
  EXPECT_THROW(draws.Draw(-1), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
