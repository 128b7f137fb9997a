// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace longplay {

/// A line on stderr: name, share done, rate, time left and a note. On a terminal it is redrawn in
/// place at most ten times a second; elsewhere it is a plain line every ten seconds.
class ProgressBar {
 public:
  ProgressBar(std::string name, int64_t total, std::string unit);
  ~ProgressBar();
  /// So many were done before: they are shown as done, and count for no rate.
  void GoOnFrom(int64_t done) { before_ = done; }
  void Update(int64_t done, const std::string& note = "");
  void Finish(const std::string& note = "");

 private:
  using Clock = std::chrono::steady_clock;
  void Print(const std::string& note, bool last);
  std::string name_, unit_;
  int64_t total_, before_ = 0, done_ = 0;
  bool terminal_, finished_ = false;
  Clock::time_point start_, last_print_;
};

/// Shows what is done of so many, one bar after another, each only if it takes longer than a second.
std::function<void(int64_t done, int64_t of)> ProgressOfLongWork(const std::string& name,
                                                                 const std::string& unit);

}  // namespace longplay
