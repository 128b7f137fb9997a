// SPDX-License-Identifier: MIT
#include "agent/batches/batch_loader.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "agent/batches/passes.h"

namespace longplay {
namespace {

constexpr size_t kAhead = 2;  // steps; one read and one ready hide every hiccup but a long one

}  // namespace

BatchLoader::BatchLoader(const BatchSource& source, const PassLimits& limits,
                         const std::mt19937_64& random, const RankOf& ranks)
    : source_(source), limits_(limits), ranks_(ranks), random_(random), thread_([this] {
        Run();
      }) {}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

StepTotals BatchLoader::Fill(std::vector<Batch>& passes) {
  // Chains of the whole step are drawn at once, so that passes and ranks change nothing of the draw.
  const std::vector<ChainWindow> drawn = source_.Draw(random_);
  const SharedStep share = ShareOverRanks(drawn, limits_, source_.packed(), ranks_);
  passes.resize(share.passes.size());
  int64_t first_chain = share.first_chain;
  for (size_t i = 0; i < share.passes.size(); ++i) {
    source_.Load(share.passes[i], passes[i]);
    passes[i].first_chain = first_chain;
    first_chain += static_cast<int64_t>(share.passes[i].size());
  }
  // What losses are divided by is that of all ranks.
  StepTotals totals{
      .rows = source_.packed() ? share.all_passes : static_cast<int64_t>(drawn.size()),
      .passes = share.all_passes,
      .first_pass = share.first_pass};
  for (const ChainWindow& window : drawn) {
    totals.steps += window.length;
    totals.steps_in_loss += source_.StepsInLoss(window);
  }
  totals.steps_in_loss = std::max<int64_t>(totals.steps_in_loss, 1);
  return totals;
}

void BatchLoader::Run() {
  while (true) {
    std::vector<Batch> passes;
    StepTotals totals;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || ready_.size() < kAhead; });
      if (stop_) return;
      if (!spare_.empty()) {
        passes = std::move(spare_.front());
        spare_.pop_front();
      }
    }
    // Without the lock: reading data may take long.
    std::exception_ptr problem;
    try {
      totals = Fill(passes);
    } catch (...) {
      problem = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      problem_ = problem;
      // With each step goes the generator's state after its draw, for a run that is resumed.
      if (!problem) ready_.push_back({std::move(passes), totals, random_});
    }
    changed_.notify_all();
    if (problem) return;
  }
}

LoadedStep BatchLoader::Next() {
  // What the training loop waits here is told in its log.
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || problem_ != nullptr; });
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // Steps that were ready before the problem are still given.
  if (ready_.empty()) std::rethrow_exception(problem_);
  LoadedStep next = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return next;
}

void BatchLoader::Recycle(std::vector<Batch> passes) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(passes));
}

}  // namespace longplay
