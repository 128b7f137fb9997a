// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/validate.h"

namespace longplay {

/// What a reader does with the problems it meets. Opening and validating run the same reader with
/// different modes, so that they cannot disagree on what is an error.
class ProblemLog {
 public:
  enum class Mode { kThrowFirstError, kCollect };

  explicit ProblemLog(Mode mode) : mode_(mode) {}

  /// Runs `work`; a DataError is noted (kCollect) or passed on (kThrowFirstError).
  void Attempt(const std::function<void()>& work);
  /// Notes a warning; nothing in mode kThrowFirstError.
  void Warn(const std::string& where, const std::string& problem);

  bool collecting() const { return mode_ == Mode::kCollect; }
  bool has_errors() const;
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  void Add(Severity severity, const std::string& where, const std::string& problem);

  Mode mode_;
  std::vector<Problem> problems_;  // at most kMostProblems, then one that says so
};

}  // namespace longplay
