// SPDX-License-Identifier: MIT
#include "datasets/formats/problem_log.h"

#include <algorithm>

namespace longplay {
namespace {

// A file of NaN would otherwise fill memory and screen with one line per value.
constexpr size_t kMostProblems = 1000;

}  // namespace

void ProblemLog::Attempt(const std::function<void()>& work) {
  try {
    work();
  } catch (const DataError& error) {
    if (!collecting()) throw;
    Add(Severity::kError, error.where(), error.problem());
  }
}

void ProblemLog::Warn(const std::string& where, const std::string& problem) {
  if (collecting()) Add(Severity::kWarning, where, problem);
}

bool ProblemLog::has_errors() const {
  return std::ranges::any_of(
      problems_, [](const Problem& problem) { return problem.severity == Severity::kError; });
}

void ProblemLog::Add(Severity severity, const std::string& where, const std::string& problem) {
  if (problems_.size() < kMostProblems) {
    problems_.push_back({severity, where, problem});
    return;
  }
  if (problems_.size() == kMostProblems) {
    problems_.push_back({Severity::kWarning, where, "further problems are not listed"});
  }
  // The first error is listed all the same: with one the file cannot be used.
  if (severity == Severity::kError && !has_errors()) {
    problems_.push_back({severity, where, problem});
  }
}

}  // namespace longplay
