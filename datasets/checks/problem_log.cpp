// SPDX-License-Identifier: MIT
#include "datasets/checks/problem_log.h"

namespace longplay {
namespace {

// A file of NaN would otherwise fill memory and screen with one line per value.
constexpr size_t kMostProblems = 1000;

}  // namespace

void ProblemLog::Attempt(const std::function<void()>& work) {
  try {
    work();
  } catch (const DataError& error) {
    if (mode_ == Mode::kThrowFirstError) throw;
    Add(Severity::kError, error.where(), error.problem());
  }
}

void ProblemLog::Warn(const std::string& where, const std::string& problem) {
  Add(Severity::kWarning, where, problem);
}

void ProblemLog::Count(const std::string& where, const std::string& problem) {
  const auto [found, is_new] = counted_.try_emplace(problem, Counted{problems_.size()});
  if (is_new) {
    Add(Severity::kWarning, where, problem);
  } else {
    ++found->second.count;
  }
}

std::vector<Problem> ProblemLog::problems() const {
  std::vector<Problem> problems = problems_;
  for (const auto& [problem, counted] : counted_) {
    if (counted.count == 1 || counted.place >= problems.size()) continue;
    problems[counted.place].problem += " (and " + std::to_string(counted.count - 1) + " more)";
  }
  return problems;
}

void ProblemLog::Add(Severity severity, const std::string& where, const std::string& problem) {
  const bool first_error = severity == Severity::kError && errors_ == 0;
  if (severity == Severity::kError) ++errors_;
  if (problems_.size() < kMostProblems) {
    if (known_.emplace(where, problem).second) problems_.push_back({severity, where, problem});
    return;
  }
  if (problems_.size() == kMostProblems) {
    problems_.push_back({Severity::kWarning, where, "further problems are not listed"});
  }
  // The first error is listed all the same: with one the file cannot be used.
  if (first_error) problems_.push_back({severity, where, problem});
}

}  // namespace longplay
