// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/validate.h"

namespace longplay {

/// What a reader does with the problems it meets. Opening and validating run the same reader with
/// different modes, so that they cannot disagree on what is an error. Warnings are kept in both.
class ProblemLog {
 public:
  enum class Mode { kThrowFirstError, kCollect };

  explicit ProblemLog(Mode mode) : mode_(mode) {}

  /// Runs `work`; a DataError is noted (kCollect) or passed on (kThrowFirstError).
  void Attempt(const std::function<void()>& work);
  /// Notes a warning; the same one twice counts once.
  void Warn(const std::string& where, const std::string& problem);
  /// Notes a warning of which there may be many: only the first is listed, with how many more there
  /// are.
  void Count(const std::string& where, const std::string& problem);

  size_t errors() const { return errors_; }  // met so far
  bool has_errors() const { return errors_ > 0; }
  /// In the order in which they were met.
  std::vector<Problem> problems() const;

 private:
  void Add(Severity severity, const std::string& where, const std::string& problem);

  Mode mode_;
  size_t errors_ = 0;
  std::vector<Problem> problems_;  // at most kMostProblems, then one that says so
  std::set<std::pair<std::string, std::string>> known_;  // where and problem of these
  struct Counted {
    size_t place;  // in problems_
    int64_t count = 1;
  };
  std::map<std::string, Counted> counted_;  // by problem
};

}  // namespace longplay
