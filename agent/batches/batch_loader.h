// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "agent/batches/passes.h"
#include "agent/batches/step_totals.h"
#include "datasets/chains/batch_source.h"

namespace longplay {

/// What one optimiser step sees, in the passes that this rank computes, and where the draws stood
/// after it: what a checkpoint taken after the step must hold.
struct LoadedStep {
  std::vector<Batch> passes;
  StepTotals totals;  // of all ranks
  std::mt19937_64 random;
};

/// Draws and lays out batches on a thread of its own, a few steps ahead of training. The same
/// generator gives the same draws as in place, whatever the passes and ranks: each rank draws the
/// whole step, and loads its own chains alone.
class BatchLoader {
 public:
  /// The source must outlive the loader.
  ///   limits, ranks  see ShareOverRanks
  BatchLoader(const BatchSource& source, const PassLimits& limits, const std::mt19937_64& random,
              const RankOf& ranks = {});
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  /// The next step's; waits for it. Rethrows what went wrong on the thread.
  LoadedStep Next();
  /// Gives their memory back to be filled again.
  void Recycle(std::vector<Batch> passes);

  double waited() const { return waited_; }  // [s] in Next so far

 private:
  void Run();
  StepTotals Fill(std::vector<Batch>& passes);

  const BatchSource& source_;
  const PassLimits limits_;
  const RankOf ranks_;
  std::mt19937_64 random_;  // the thread's

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<LoadedStep> ready_;
  std::deque<std::vector<Batch>> spare_;
  std::exception_ptr problem_;
  bool stop_ = false;
  double waited_ = 0;
  std::thread thread_;
};

}  // namespace longplay
