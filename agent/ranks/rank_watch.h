// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace longplay {

/// What all ranks read and write while they train. Any call may throw when the board is gone.
class RankBoard {
 public:
  RankBoard() = default;
  RankBoard(const RankBoard&) = delete;
  RankBoard& operator=(const RankBoard&) = delete;
  virtual ~RankBoard() = default;

  virtual void Write(const std::string& key, const std::string& value) = 0;
  /// None where nobody has written it.
  virtual std::optional<std::string> Read(const std::string& key) = 0;
  /// Writes where nobody has, and returns what stands there then.
  virtual std::string WriteFirst(const std::string& key, const std::string& value) = 0;
};

/// Ranks give a sign of life every second, and look at those of the others: from threads of its own,
/// so that long steps and evaluations are no silence. What is seen is a process that was killed or
/// stopped, or a machine that is cut off; not a computation that never ends.
class RankWatch {
 public:
  /// A rank is lost, or failed and said why. Called once at most, from a thread of the watch.
  ///   sentence  what to tell
  ///   first     this rank was the first to find it out
  using OnLost = std::function<void(const std::string& sentence, bool first)>;

  struct Options {
    int64_t rank = 0, size = 1;
    std::string keeper;                 // who keeps the board: "rank 0 at node01:29500"
    std::chrono::milliseconds timeout;  // of silence
    std::chrono::milliseconds every = std::chrono::seconds(1);  // signs of life
  };

  /// The board must outlive the watch.
  RankWatch(RankBoard& board, Options options, OnLost on_lost);
  ~RankWatch();
  RankWatch(const RankWatch&) = delete;
  RankWatch& operator=(const RankWatch&) = delete;

  /// A message to another rank failed: from now on a silence of a few signs is enough.
  void Alarm() { alarmed_ = true; }
  /// This rank ends because of `error`; the others will tell. False where another rank was first, or
  /// the board is gone.
  bool Fail(const std::string& error);

 private:
  using Clock = std::chrono::steady_clock;

  bool Sleep();
  void Beat();
  void Guard();
  void Look(std::vector<std::string>& signs, std::vector<Clock::time_point>& changed);
  void End(const std::string& sentence, bool first);
  std::string Name(int64_t rank) const;

  RankBoard& board_;
  const Options options_;
  const OnLost on_lost_;
  std::atomic<bool> alarmed_ = false, ended_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  Clock::time_point heard_ = Clock::now();  // of the board
  std::thread beats_, guard_;
};

}  // namespace longplay
