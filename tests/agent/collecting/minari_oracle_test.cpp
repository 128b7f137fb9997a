// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/agent/small_data.h"
#include "tests/oracle_python.h"

namespace longplay {
namespace {

TEST(MinariOracleTest, MinariLoadsWhatWeWrite) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  const std::string output = RunPython(R"(
import sys, minari, numpy
data = minari.MinariDataset(sys.argv[1] + "/data")
print(data.total_episodes, data.total_steps, data.action_space, data.observation_space.shape)
for e in list(data.iterate_episodes())[10:]:
    print(e.observations.shape, e.actions.dtype, round(float(e.rewards.sum()), 6), bool(e.truncations[-1]), bool(e.terminations.any()))
)",
                                       WriteSmallData());
  EXPECT_EQ(output,
            "12 72 Box(-1.0, 1.0, (1,), float32) (2,)\n"
            "(7, 2) float32 7.5 True False\n"
            "(7, 2) float32 8.25 True False\n");
}

}  // namespace
}  // namespace longplay
