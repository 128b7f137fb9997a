// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <barrier>
#include <condition_variable>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "agent/ranks/process_group.h"

namespace longplay {

/// Ranks that are threads of this process: the slow, readable twin of every other process group. All
/// exchange by leaving what they have where the others see it.
class ThreadRanks {
 public:
  explicit ThreadRanks(int64_t size) : seen_(size), together_(size) {
    for (int64_t rank = 0; rank < size; ++rank) {
      groups_.push_back(std::make_unique<Group>(*this, rank, size));
    }
  }

  /// `work` on every rank at once. Rethrows what the first rank threw; then the others must not wait.
  void Run(const std::function<void(ProcessGroup&)>& work) {
    std::vector<std::thread> threads;
    std::vector<std::exception_ptr> problems(groups_.size());
    for (size_t rank = 0; rank < groups_.size(); ++rank) {
      threads.emplace_back([&, rank] {
        try {
          work(*groups_[rank]);
        } catch (...) {
          problems[rank] = std::current_exception();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::exception_ptr& problem : problems) {
      if (problem) std::rethrow_exception(problem);
    }
  }

 private:
  class Group : public ProcessGroup {
   public:
    Group(ThreadRanks& ranks, int64_t rank, int64_t size)
        : ProcessGroup(rank, size), ranks_(ranks) {}

   protected:
    void DoAllReduce(std::span<float> values) override { Sum(values); }
    void DoAllReduce(std::span<double> values) override { Sum(values); }
    void DoBroadcast(std::span<std::byte> bytes, int64_t from) override {
      ranks_.seen_[rank()] = bytes.data();
      ranks_.together_.arrive_and_wait();
      if (rank() != from) std::memcpy(bytes.data(), ranks_.seen_[from], bytes.size());
      ranks_.together_.arrive_and_wait();
    }
    void DoSend(std::span<const std::byte> bytes, int64_t to) override {
      ranks_.pipes_[rank()][to].Put({bytes.begin(), bytes.end()});
    }
    void DoReceive(std::span<std::byte> bytes, int64_t from) override {
      TakeFrom(ranks_.pipes_[from][rank()], bytes);
    }
    std::function<void()> DoStartSend(std::span<const std::byte> bytes, int64_t to,
                                      int64_t lane) override {
      ranks_.PipeOf(rank(), to, lane).Put({bytes.begin(), bytes.end()});
      return [] {};
    }
    std::function<void()> DoStartReceive(std::span<std::byte> bytes, int64_t from,
                                         int64_t lane) override {
      return [this, bytes, from, lane] { TakeFrom(ranks_.PipeOf(from, rank(), lane), bytes); };
    }

   private:
    template <typename P>
    static void TakeFrom(P& pipe, std::span<std::byte> bytes) {
      const std::vector<std::byte> message = pipe.Take();
      if (message.size() != bytes.size()) throw std::logic_error("a message of another size");
      std::memcpy(bytes.data(), message.data(), bytes.size());
    }

    /// By rank, from the first.
    template <typename T>
    void Sum(std::span<T> values) {
      ranks_.seen_[rank()] = values.data();
      ranks_.together_.arrive_and_wait();
      std::vector<T> sum(values.size());
      for (const void* each : ranks_.seen_) {
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<const T*>(each)[i];
      }
      ranks_.together_.arrive_and_wait();
      std::copy(sum.begin(), sum.end(), values.begin());
    }

    ThreadRanks& ranks_;
  };

  /// Messages from one rank to another, in their order.
  class Pipe {
   public:
    void Put(std::vector<std::byte> message) {
      const std::lock_guard lock(mutex_);
      messages_.push_back(std::move(message));
      changed_.notify_all();
    }
    std::vector<std::byte> Take() {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return !messages_.empty(); });
      std::vector<std::byte> message = std::move(messages_.front());
      messages_.erase(messages_.begin());
      return message;
    }

   private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::vector<std::byte>> messages_;
  };

  std::vector<const void*> seen_;  // [size] where each rank's values lie
  std::barrier<> together_;
  std::map<int64_t, std::map<int64_t, Pipe>> pipes_ = MakePipes();
  std::vector<std::unique_ptr<Group>> groups_;

  /// Made when one end first asks for it.
  Pipe& PipeOf(int64_t from, int64_t to, int64_t lane) {
    const std::lock_guard lock(lanes_mutex_);
    return lanes_[{from, to, lane}];
  }
  std::mutex lanes_mutex_;
  std::map<std::tuple<int64_t, int64_t, int64_t>, Pipe> lanes_;

  std::map<int64_t, std::map<int64_t, Pipe>> MakePipes() {
    std::map<int64_t, std::map<int64_t, Pipe>> pipes;
    for (size_t from = 0; from < seen_.size(); ++from) {
      for (size_t to = 0; to < seen_.size(); ++to) pipes[from][to];
    }
    return pipes;
  }
};

}  // namespace longplay
