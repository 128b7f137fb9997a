// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace longplay {

/// Threads that compute the passes of an optimiser step side by side, each pass on one of them, with
/// ATen's operators on that thread alone. Whoever is done takes the next pass, and who waits sleeps:
/// where other programs keep a core busy, the rest of the machine goes on with the work.
class PassThreads {
 public:
  explicit PassThreads(int64_t threads);
  ~PassThreads();
  PassThreads(const PassThreads&) = delete;
  PassThreads& operator=(const PassThreads&) = delete;

  /// compute(i) of every i in [0, passes), in any order and on any of the threads; returns when all
  /// are done. Rethrows what the first of them, by i, threw.
  void Run(int64_t passes, const std::function<void(int64_t)>& compute);

 private:
  void Work();

  std::mutex mutex_;
  std::condition_variable begins_, ends_;
  const std::function<void(int64_t)>* compute_ = nullptr;  // while there is work
  int64_t next_ = 0, passes_ = 0, running_ = 0;
  std::vector<std::exception_ptr> problems_;  // [passes]
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace longplay
