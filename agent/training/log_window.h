// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "agent/files/json_numbers.h"
#include "agent/training/training_progress.h"
#include "agent/training/training_step.h"

namespace longplay {

using TrainingClock = std::chrono::steady_clock;

/// [s], never 0.
inline double SecondsSince(TrainingClock::time_point start) {
  return std::max(std::chrono::duration<double>(TrainingClock::now() - start).count(), 1e-9);
}

/// What happened between two rows of the log.
class LogWindow {
 public:
  void Add(const UpdateResult& result) {
    for (const auto& [name, value] : result.figures) figures_[name].Add(value);
  }
  /// A step that counts.
  ///   tokens  that it saw
  void AddStep(double gradient_norm, int64_t tokens) {
    gradient_norm_.Add(gradient_norm);
    tokens_ += tokens;
  }

  /// The row's means and rates; `columns` are figures beside the loss. What no step gave is not a
  /// number.
  TrainingProgress Row(const std::vector<std::string>& columns) {
    const double seconds = SecondsSince(start_);
    TrainingProgress row{.loss = figures_["loss"].value(),
                         .gradient_norm = gradient_norm_.value(),
                         .steps_per_second = static_cast<double>(gradient_norm_.count) / seconds,
                         .tokens_per_second = static_cast<double>(tokens_) / seconds};
    for (const std::string& name : columns) row.more.emplace_back(name, figures_[name].value());
    return row;
  }
  double seconds() const { return SecondsSince(start_); }

  /// For a checkpoint between two rows: the row after it is that of an uninterrupted run.
  nlohmann::json ToJson() const {
    nlohmann::json figures = nlohmann::json::object();
    for (const auto& [name, mean] : figures_) figures[name] = {mean.sum, mean.count};
    return {{"figures", figures},
            {"gradient_norm", {gradient_norm_.sum, gradient_norm_.count}},
            {"tokens", tokens_},
            {"seconds", seconds()}};
  }
  /// Throws nlohmann::json::exception when something is missing.
  static LogWindow FromJson(const nlohmann::json& json) {
    LogWindow window;
    for (const auto& [name, mean] : json.at("figures").items()) {
      window.figures_[name] = Mean::FromJson(mean);
    }
    window.gradient_norm_ = Mean::FromJson(json.at("gradient_norm"));
    window.tokens_ = json.at("tokens");
    window.start_ -= std::chrono::duration_cast<TrainingClock::duration>(
        std::chrono::duration<double>(json.at("seconds").get<double>()));
    return window;
  }

 private:
  struct Mean {
    static Mean FromJson(const nlohmann::json& json) {
      return {.sum = NumberOf(json.at(0)), .count = json.at(1)};
    }
    double sum = 0;
    int64_t count = 0;
    void Add(double value) {
      sum += value;
      ++count;
    }
    double value() const {
      return count == 0 ? std::numeric_limits<double>::quiet_NaN()
                        : sum / static_cast<double>(count);
    }
  };

  std::map<std::string, Mean> figures_;
  Mean gradient_norm_;  // of the first update of each step that counts
  int64_t tokens_ = 0;
  TrainingClock::time_point start_ = TrainingClock::now();
};

}  // namespace longplay
