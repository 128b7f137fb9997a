// SPDX-License-Identifier: MIT
#include "agent/progress_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

namespace longplay {
namespace {

std::string Duration(double seconds) {
  const int64_t whole = std::llround(seconds);
  char text[32];
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ldh%02ldm", static_cast<long>(whole / 3600),
                  static_cast<long>(whole / 60 % 60));
  } else {
    std::snprintf(text, sizeof text, "%ldm%02lds", static_cast<long>(whole / 60),
                  static_cast<long>(whole % 60));
  }
  return text;
}

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

ProgressBar::ProgressBar(std::string name, int64_t total, std::string unit)
    : name_(std::move(name)),
      unit_(std::move(unit)),
      total_(std::max<int64_t>(total, 1)),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(Clock::now()),
      last_print_(start_ - std::chrono::hours(1)) {}

ProgressBar::~ProgressBar() {
  if (!finished_ && terminal_) std::fputc('\n', stderr);
}

void ProgressBar::Update(int64_t done, const std::string& note) {
  done_ = done;
  const double interval = terminal_ ? 0.1 : 10;
  if (Seconds(Clock::now() - last_print_) >= interval) Print(note, false);
}

void ProgressBar::Finish(const std::string& note) {
  Print(note, true);
  finished_ = true;
}

void ProgressBar::Print(const std::string& note, bool last) {
  last_print_ = Clock::now();
  const double elapsed = Seconds(last_print_ - start_);
  const double rate = elapsed > 0 ? static_cast<double>(done_ - before_) / elapsed : 0;
  const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
  std::string line = name_ + "  ";
  if (terminal_) {
    const int filled = static_cast<int>(share * 24);
    line += '[';
    line.append(filled, '#').append(24 - filled, '.').append("] ");
  }
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, "%3.0f%%  %ld/%ld %s  %.4g/s  ", 100 * share,
                static_cast<long>(done_), static_cast<long>(total_), unit_.c_str(), rate);
  line += numbers;
  line += last       ? "took " + Duration(elapsed)
          : rate > 0 ? Duration(static_cast<double>(total_ - done_) / rate) + " left"
                     : "";
  if (!note.empty()) line += "  " + note;
  if (terminal_) {
    std::fprintf(stderr, "\r\x1b[K%s%s", line.c_str(), last ? "\n" : "");
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::fflush(stderr);
}

std::function<void(int64_t done, int64_t of)> ProgressOfLongWork(const std::string& name,
                                                                 const std::string& unit) {
  using Clock = std::chrono::steady_clock;
  struct State {
    std::optional<ProgressBar> bar;
    std::optional<Clock::time_point> start;
  };
  return [name, unit, state = std::make_shared<State>()](int64_t done, int64_t of) {
    if (!state->start) state->start = Clock::now();
    const bool is_long = Clock::now() - *state->start > std::chrono::seconds(1);
    if (!state->bar && is_long) {
      state->bar.emplace(name, of, unit);
      state->bar->GoOnFrom(done);
    }
    if (state->bar) state->bar->Update(done);
    if (done < of) return;
    if (state->bar) state->bar->Finish();
    *state = {};
  };
}

}  // namespace longplay
