// SPDX-License-Identifier: MIT
#include "model/tensors/parallel_for.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <mutex>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

namespace longplay {
namespace {

struct Visits {
  std::mutex mutex;
  std::vector<int> counts;
  std::set<std::thread::id> threads;
  explicit Visits(int64_t size) : counts(size, 0) {}
  void operator()(int64_t first, int64_t last) {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    for (int64_t i = first; i < last; ++i) ++counts[i];
  }
};

TEST(ParallelForTest, ThreadsShareTheWork) {
  const int before = at::get_num_threads();
  for (const int threads : {1, 2, 3}) {
    at::set_num_threads(threads);
    Visits visits(100);
    ParallelFor(0, 100, 1, std::ref(visits));
    EXPECT_EQ(visits.counts, std::vector<int>(100, 1));
    EXPECT_EQ(visits.threads.size(), threads);
  }
  at::set_num_threads(before);
}

TEST(ParallelForTest, LittleWorkStaysOnTheCallingThread) {
  Visits visits(10);
  ParallelFor(0, 10, 10, std::ref(visits));
  EXPECT_EQ(visits.threads, std::set<std::thread::id>{std::this_thread::get_id()});
}

// A thread that asks for one keeps it, in operators and in loops, whatever the others have.
TEST(UseOneThreadTest, HoldsForTheThreadThatAsks) {
  const int before = at::get_num_threads();
  at::set_num_threads(3);
  std::thread([] {
    UseOneThread();
    for (int i = 0; i < 2; ++i) {
      Visits visits(100);
      ParallelFor(0, 100, 1, std::ref(visits));
      EXPECT_EQ(visits.threads.size(), 1U);
      EXPECT_EQ(at::get_num_threads(), 1);
    }
  }).join();
  Visits visits(100);
  ParallelFor(0, 100, 1, std::ref(visits));
  EXPECT_EQ(visits.threads.size(), 3U);
  at::set_num_threads(before);
}

}  // namespace
}  // namespace longplay
