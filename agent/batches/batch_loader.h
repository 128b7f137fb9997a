// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <random>
#include <thread>

#include "datasets/chains/chain.h"

namespace longplay {

/// A batch, and where the draws stood after it: what a checkpoint taken after its step must hold.
struct LoadedBatch {
  Batch batch;
  std::mt19937_64 random;
};

/// Draws chains and lays them out on a thread of its own, a few batches ahead of training. The same
/// generator gives the same batches as drawing them in place.
class BatchLoader {
 public:
  /// Everything that is referred to must outlive the loader. `chains` to a batch.
  BatchLoader(const TrajectorySet& set, const ChainSampler& sampler, const Normalizer& normalizer,
              const ChainOptions& options, int64_t chains, const std::mt19937_64& random);
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// The next one; waits for it. Rethrows what went wrong on the thread.
  LoadedBatch Next();
  /// Gives a batch's memory back to be filled again.
  void Recycle(Batch batch);

  double waited() const { return waited_; }  // [s] in Next so far

 private:
  void Run();
  void Fill(Batch& batch);

  const TrajectorySet& set_;
  const ChainSampler& sampler_;
  const Normalizer& normalizer_;
  const ChainOptions options_;
  const int64_t chains_;
  std::mt19937_64 random_;  // the thread's

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<LoadedBatch> ready_;
  std::deque<Batch> spare_;
  std::exception_ptr problem_;
  bool stop_ = false;
  double waited_ = 0;
  std::thread thread_;
};

}  // namespace longplay
