// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "model/ranks/context_ranks.h"

namespace longplay {

/// The ranks of one context as threads of this process: the slow, readable twin of those that are
/// processes. A message is a copy, left where the other thread finds it; who waits for a send waits
/// until the other one has it.
class ThreadContext {
 public:
  explicit ThreadContext(int64_t size) {
    for (int64_t rank = 0; rank < size; ++rank) {
      ranks_.push_back(std::make_unique<Ranks>(*this, rank, size));
    }
  }

  /// `work` on every rank at once. Rethrows what the first one threw that went wrong by itself; those
  /// that wait for it end, too.
  void Run(const std::function<void(ContextRanks&)>& work) {
    std::vector<std::thread> threads;
    std::vector<std::exception_ptr> problems(ranks_.size());
    for (size_t rank = 0; rank < ranks_.size(); ++rank) {
      threads.emplace_back([&, rank] {
        try {
          work(*ranks_[rank]);
          ranks_[rank]->FinishSends();
        } catch (const OtherRankFailed&) {
        } catch (...) {
          problems[rank] = std::current_exception();
          const std::lock_guard lock(mutex_);
          failed_ = true;
          changed_.notify_all();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& problem : problems) {
      if (problem) std::rethrow_exception(problem);
    }
  }

  ContextRanks& of(int64_t rank) { return *ranks_[rank]; }

 private:
  struct OtherRankFailed : std::exception {};
  using Lane = std::tuple<int64_t, int64_t, RankLane>;  // from, to

  class Ranks : public ContextRanks {
   public:
    Ranks(ThreadContext& all, int64_t rank, int64_t size) : ContextRanks(rank, size), all_(all) {}

   protected:
    std::function<void()> DoSend(const torch::Tensor& x, int64_t to, RankLane lane) override {
      const std::lock_guard lock(all_.mutex_);
      all_.messages_[{rank(), to, lane}].push_back(x.clone());
      all_.changed_.notify_all();
      const int64_t number = sent_[{to, lane}]++;
      return [this, to, lane, number] {
        std::unique_lock waiting(all_.mutex_);
        const int64_t& taken = all_.taken_[{rank(), to, lane}];
        all_.changed_.wait(waiting, [&] { return taken > number || all_.failed_; });
        if (taken <= number) throw OtherRankFailed();
      };
    }
    std::function<void()> DoStartReceive(const torch::Tensor& x, int64_t from,
                                         RankLane lane) override {
      return [this, x, from, lane] {
        std::unique_lock lock(all_.mutex_);
        auto& messages = all_.messages_[{from, rank(), lane}];
        all_.changed_.wait(lock, [&] { return !messages.empty() || all_.failed_; });
        if (messages.empty()) throw OtherRankFailed();
        TORCH_CHECK(messages.front().sizes() == x.sizes() && messages.front().dtype() == x.dtype(),
                    "a message of another shape: ", messages.front().sizes(), " for ", x.sizes());
        torch::Tensor here = x;
        here.copy_(messages.front());
        messages.erase(messages.begin());
        ++all_.taken_[{from, rank(), lane}];
        all_.changed_.notify_all();
      };
    }

   private:
    ThreadContext& all_;
    std::map<std::pair<int64_t, RankLane>, int64_t> sent_;  // messages, by who gets them
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  bool failed_ = false;
  std::map<Lane, std::vector<torch::Tensor>> messages_;
  std::map<Lane, int64_t> taken_;  // messages so far
  std::vector<std::unique_ptr<Ranks>> ranks_;
};

}  // namespace longplay
