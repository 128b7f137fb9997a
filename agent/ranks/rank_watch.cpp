// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_watch.h"

#include <exception>
#include <utility>

namespace longplay {
namespace {

constexpr int kSignsAfterAlarm = 4;  // that a rank may leave out once a message failed
constexpr const char* kEnd = "end";

std::string Seconds(std::chrono::milliseconds time) {
  const std::string text = std::to_string(static_cast<double>(time.count()) / 1000);
  return text.substr(0, text.find('.') + 2) + " s";
}

}  // namespace

RankWatch::RankWatch(RankBoard& board, Options options, OnLost on_lost)
    : board_(board), options_(std::move(options)), on_lost_(std::move(on_lost)) {
  // Its own sign stands before anybody looks for it.
  board_.Write("sign/" + std::to_string(options_.rank), "0");
  beats_ = std::thread([this] { Beat(); });
  guard_ = std::thread([this] { Guard(); });
}

RankWatch::~RankWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  beats_.join();
  guard_.join();
}

/// False once the watch is to stop.
bool RankWatch::Sleep() {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, options_.every, [this] { return stop_; }) && !ended_;
}

std::string RankWatch::Name(int64_t rank) const {
  return "rank " + std::to_string(rank) + " of " + std::to_string(options_.size);
}

void RankWatch::End(const std::string& sentence, bool first) {
  if (!ended_.exchange(true)) on_lost_(sentence, first);
}

bool RankWatch::Fail(const std::string& error) {
  if (ended_.exchange(true)) return false;
  const std::string own = std::to_string(options_.rank) + " " + Name(options_.rank) + ": " + error;
  try {
    return board_.WriteFirst(kEnd, own) == own;
  } catch (const std::exception&) {
    return true;  // nobody else will hear of it
  }
}

void RankWatch::Beat() {
  std::vector<std::string> signs(options_.size);
  std::vector<Clock::time_point> changed(options_.size, Clock::now());
  Clock::time_point before = Clock::now();
  for (int64_t sign = 1; Sleep(); ++sign) {
    // Who was stopped itself has heard nobody meanwhile.
    const auto now = Clock::now();
    if (now - before > 3 * options_.every) changed.assign(options_.size, now);
    before = now;
    try {
      board_.Write("sign/" + std::to_string(options_.rank), std::to_string(sign));
      Look(signs, changed);
    } catch (const std::exception&) {
      End(options_.keeper + ", where the ranks meet, is gone", true);
      return;
    }
    const std::lock_guard lock(mutex_);
    heard_ = Clock::now();
  }
}

void RankWatch::Look(std::vector<std::string>& signs, std::vector<Clock::time_point>& changed) {
  // Somebody has found out, or failed: "<rank> <sentence>".
  if (const auto end = board_.Read(kEnd)) {
    End(end->substr(end->find(' ') + 1), false);
    return;
  }
  const std::chrono::milliseconds soon = kSignsAfterAlarm * options_.every;
  const auto limit = alarmed_ ? std::min(soon, options_.timeout) : options_.timeout;
  for (int64_t rank = 0; rank < options_.size; ++rank) {
    if (rank == options_.rank) continue;
    const std::string sign = board_.Read("sign/" + std::to_string(rank)).value_or("");
    const auto now = Clock::now();
    if (sign != signs[rank]) {
      signs[rank] = sign;
      changed[rank] = now;
    } else if (now - changed[rank] > limit) {
      const std::string found = std::to_string(options_.rank) + " " + Name(rank) +
                                " is gone: no sign of life for " + Seconds(limit);
      const std::string stands = board_.WriteFirst(kEnd, found);
      End(stands.substr(stands.find(' ') + 1), stands == found);
      return;
    }
  }
}

/// Who keeps the board may be stopped, and then a call to it never returns.
void RankWatch::Guard() {
  Clock::time_point before = Clock::now();
  while (Sleep()) {
    const auto now = Clock::now();
    std::unique_lock lock(mutex_);
    if (now - before > 3 * options_.every) heard_ = now;
    before = now;
    const bool silent = now - heard_ > options_.timeout;
    lock.unlock();
    if (silent) {
      End(options_.keeper + ", where the ranks meet, has not answered for " +
              Seconds(options_.timeout),
          true);
      return;
    }
  }
}

}  // namespace longplay
