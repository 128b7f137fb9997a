// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>

namespace longplay {

/// Says when to save: often enough that a kill costs seconds, so seldom that saving takes at most
/// a fiftieth of the time.
class SaveClock {
 public:
  bool IsTime() const { return Now() >= next_; }

  /// Saves, and looks how long it takes.
  template <typename Save>
  void Time(const Save& save) {
    const Moment before = Now();
    save();
    const Moment after = Now();
    next_ = after + std::clamp<Clock::duration>(50 * (after - before), kShortest, kLongest);
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Moment = Clock::time_point;
  static constexpr Clock::duration kShortest = std::chrono::milliseconds(250);
  static constexpr Clock::duration kLongest = std::chrono::seconds(10);

  static Moment Now() { return Clock::now(); }

  Moment next_ = Now() + kShortest;
};

}  // namespace longplay
