// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/Parallel.h>

namespace longplay {

/// Learner threads set the number of threads that tensors use; this sets it back.
class ThreadsKept {
 public:
  ThreadsKept() : threads_(at::get_num_threads()) {}
  ~ThreadsKept() { at::set_num_threads(threads_); }
  ThreadsKept(const ThreadsKept&) = delete;
  ThreadsKept& operator=(const ThreadsKept&) = delete;

 private:
  int threads_;
};

}  // namespace longplay
