// SPDX-License-Identifier: MIT
#include "env/task_arguments.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace longplay {
namespace {

constexpr int kMost = 1000000;  // of numbers that a task does not bound itself

/// The whole text as a number; infinities are some, NaN is not.
std::optional<double> ParseNumber(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || std::isnan(value)) return std::nullopt;
  return value;
}

}  // namespace

const std::string* TaskArguments::Find(const std::string& name) {
  // Whatever a task asks for counts as known: CheckAllUsed compares with that.
  known_.push_back(name);
  const auto found = given_.find(name);
  return found == given_.end() ? nullptr : &found->second;
}

void TaskArguments::Refuse(const std::string& name, const std::string& expected) const {
  throw std::invalid_argument("making an environment: " + task_ + ": " + name + ": expected " +
                              expected + ", got \"" + given_.at(name) + "\"");
}

double TaskArguments::Number(const std::string& name, double value) {
  const std::string* text = Find(name);
  if (text == nullptr) return value;
  const auto number = ParseNumber(*text);
  if (!number) Refuse(name, "a number");
  return *number;
}

int TaskArguments::Integer(const std::string& name, int value) {
  return Integer(name, value, {-kMost, kMost});
}

int TaskArguments::Integer(const std::string& name, int value, std::pair<int, int> range) {
  const double number = Number(name, value);
  if (number != std::floor(number)) Refuse(name, "a whole number");
  if (number >= range.first && number <= range.second) return static_cast<int>(number);
  Refuse(name, std::to_string(range.first) + " to " + std::to_string(range.second));
}

std::pair<int, int> TaskArguments::Integers(const std::string& name, std::pair<int, int> value,
                                            std::pair<int, int> range) {
  const std::string* text = Find(name);
  if (text == nullptr) return value;
  const size_t dash = text->find('-', 1);  // a sign may stand in front
  const auto first = ParseNumber(text->substr(0, dash));
  const auto last = dash == std::string::npos ? first : ParseNumber(text->substr(dash + 1));
  const auto fits = [&](std::optional<double> number) {
    return number && *number == std::floor(*number) && *number >= range.first &&
           *number <= range.second;
  };
  if (fits(first) && fits(last) && *first <= *last) {
    return {static_cast<int>(*first), static_cast<int>(*last)};
  }
  Refuse(name, std::to_string(range.first) + " to " + std::to_string(range.second) +
                   ", or FIRST-LAST of them");
}

bool TaskArguments::Flag(const std::string& name, bool value) {
  const std::string* text = Find(name);
  if (text == nullptr) return value;
  if (*text != "true" && *text != "false") Refuse(name, "true or false");
  return *text == "true";
}

std::pair<double, double> TaskArguments::Range(const std::string& name,
                                               std::pair<double, double> value) {
  const std::string* text = Find(name);
  if (text == nullptr) return value;
  const size_t comma = text->find(',');
  const auto low = ParseNumber(text->substr(0, comma));
  const auto high =
      comma == std::string::npos ? std::nullopt : ParseNumber(text->substr(comma + 1));
  if (!low || !high || *low > *high) Refuse(name, "two numbers LOW,HIGH");
  return {*low, *high};
}

std::string TaskArguments::Text(const std::string& name, const std::string& value) {
  const std::string* text = Find(name);
  return text == nullptr ? value : *text;
}

size_t TaskArguments::Choice(const std::string& name, const std::vector<std::string>& names) {
  const std::string text = Text(name, names[0]);
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  std::string known;
  for (const std::string& one : names) known += (known.empty() ? "" : ", ") + one;
  Refuse(name, "one of " + known);
}

void TaskArguments::CheckAllUsed() const {
  for (const auto& [name, value] : given_) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string names = known_.empty() ? "none" : "";
    for (const std::string& known : known_) names += (names.empty() ? "" : ", ") + known;
    std::string problem = "making an environment: " + task_ + ": arguments: expected one of: ";
    problem.append(names).append("; got ").append(name);
    throw std::invalid_argument(problem);
  }
}

}  // namespace longplay
