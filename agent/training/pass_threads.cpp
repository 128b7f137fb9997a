// SPDX-License-Identifier: MIT
#include "agent/training/pass_threads.h"

#include "model/tensors/parallel_for.h"

namespace longplay {

PassThreads::PassThreads(int64_t threads) {
  for (int64_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
}

PassThreads::~PassThreads() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begins_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void PassThreads::Work() {
  UseOneThread();
  std::unique_lock lock(mutex_);
  while (true) {
    begins_.wait(lock, [this] { return stop_ || next_ < passes_; });
    if (stop_) return;
    const int64_t own = next_++;
    ++running_;
    lock.unlock();
    // Without the lock: the work itself.
    std::exception_ptr problem;
    try {
      (*compute_)(own);
    } catch (...) {
      problem = std::current_exception();
    }
    lock.lock();
    problems_[own] = problem;
    if (--running_ == 0 && next_ == passes_) ends_.notify_all();
  }
}

void PassThreads::Run(int64_t passes, const std::function<void(int64_t)>& compute) {
  std::unique_lock lock(mutex_);
  problems_.assign(passes, nullptr);
  compute_ = &compute;
  next_ = 0;
  passes_ = passes;
  begins_.notify_all();
  ends_.wait(lock, [this] { return next_ == passes_ && running_ == 0; });
  compute_ = nullptr;
  next_ = passes_ = 0;
  for (const std::exception_ptr& problem : problems_) {
    if (problem) std::rethrow_exception(problem);
  }
}

}  // namespace longplay
