// SPDX-License-Identifier: MIT
#include "agent/training/pass_threads.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <torch/types.h>

#include <atomic>
#include <stdexcept>
#include <string>

namespace longplay {
namespace {

TEST(PassThreadsTest, EveryPassIsComputedOnceInEveryRun) {
  PassThreads pass_threads(3);
  for (const int64_t passes : {1, 2, 7, 100}) {
    std::vector<std::atomic<int>> counts(passes);
    pass_threads.Run(passes, [&](int64_t i) { ++counts[i]; });
    for (const auto& count : counts) EXPECT_EQ(count, 1) << passes;
  }
  pass_threads.Run(0, [](int64_t) { FAIL(); });
}

TEST(PassThreadsTest, PassesRunSideBySideOnOneThreadOfATenEach) {
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  PassThreads pass_threads(2);
  std::atomic<int> there = 0, threads[2] = {0, 0};
  pass_threads.Run(2, [&](int64_t i) {
    // Neither goes on before both are here.
    ++there;
    while (there < 2) std::this_thread::yield();
    threads[i] = at::get_num_threads();
  });
  EXPECT_EQ(threads[0], 1);
  EXPECT_EQ(threads[1], 1);
  EXPECT_EQ(at::get_num_threads(), 2);  // the caller's
  at::set_num_threads(before);
}

TEST(PassThreadsTest, OperatorsGiveWhatTheyGiveElsewhere) {
  PassThreads pass_threads(2);
  const auto a = torch::randn({64, 32}), b = torch::randn({32, 48});
  std::vector<torch::Tensor> products(4);
  pass_threads.Run(4, [&](int64_t i) { products[i] = at::mm(a, b).mul(i); });
  for (int64_t i = 0; i < 4; ++i) EXPECT_TRUE(at::allclose(products[i], at::mm(a, b) * i)) << i;
}

TEST(PassThreadsTest, TheFirstProblemComesBackWhenAllAreDone) {
  PassThreads pass_threads(2);
  std::atomic<int> done = 0;
  try {
    pass_threads.Run(8, [&](int64_t i) {
      ++done;
      if (i == 6 || i == 3) throw std::runtime_error("pass " + std::to_string(i));
    });
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "pass 3");
  }
  EXPECT_EQ(done, 8);
  pass_threads.Run(1, [&](int64_t) { ++done; });  // and they still work
  EXPECT_EQ(done, 9);
}

}  // namespace
}  // namespace longplay
