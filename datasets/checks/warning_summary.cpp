// SPDX-License-Identifier: MIT
#include "datasets/checks/warning_summary.h"

#include <cctype>
#include <map>

namespace longplay {
namespace {

std::string WithoutDigits(const std::string& text) {
  std::string rest;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) rest += c;
  }
  return rest;
}

}  // namespace

std::vector<std::string> SummariseProblems(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  std::map<std::string, std::pair<size_t, int64_t>> kinds;  // line, how many more
  for (const Problem& problem : problems) {
    const auto [kind, is_new] =
        kinds.try_emplace(WithoutDigits(problem.problem), std::pair(lines.size(), int64_t{0}));
    if (is_new) {
      lines.push_back(problem.where + ": " + problem.problem);
    } else {
      ++kind->second.second;
    }
  }
  for (const auto& [kind, line] : kinds) {
    if (line.second > 0) {
      lines[line.first] += " (and " + std::to_string(line.second) + " like it: data validate)";
    }
  }
  return lines;
}

}  // namespace longplay
