// SPDX-License-Identifier: MIT
#include "agent/batches/batch_loader.h"

#include <chrono>
#include <utility>

namespace longplay {
namespace {

constexpr size_t kAhead =
    2;  // batches; one being read and one ready hide every hiccup but a long one

}  // namespace

BatchLoader::BatchLoader(const TrajectorySet& set, const ChainSampler& sampler,
                         const Normalizer& normalizer, const ChainOptions& options, int64_t chains,
                         const std::mt19937_64& random)
    : set_(set),
      sampler_(sampler),
      normalizer_(normalizer),
      options_(options),
      chains_(chains),
      random_(random),
      thread_([this] { Run(); }) {}

BatchLoader::~BatchLoader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BatchLoader::Fill(Batch& batch) {
  std::vector<TrajectoryChain> drawn;
  for (int64_t i = 0; i < chains_; ++i) drawn.push_back(sampler_.Sample(random_));
  FillBatch(set_, normalizer_, drawn, options_, random_, batch);
}

void BatchLoader::Run() {
  while (true) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || ready_.size() < kAhead; });
      if (stop_) return;
      if (!spare_.empty()) {
        batch = std::move(spare_.front());
        spare_.pop_front();
      }
    }
    std::exception_ptr problem;
    try {
      Fill(batch);
    } catch (...) {
      problem = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      problem_ = problem;
      if (!problem) ready_.push_back({std::move(batch), random_});
    }
    changed_.notify_all();
    if (problem) return;
  }
}

LoadedBatch BatchLoader::Next() {
  const auto start = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || problem_ != nullptr; });
  waited_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (ready_.empty()) std::rethrow_exception(problem_);
  LoadedBatch next = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return next;
}

void BatchLoader::Recycle(Batch batch) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(batch));
}

}  // namespace longplay
