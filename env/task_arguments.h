// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "env/environment_spec.h"

namespace longplay {

class Environment;

/// Options of a task by the names that its original uses, as text: numbers ("0.1", "inf"), pairs of
/// numbers ("0.7,inf"), flags ("true" or "false") and names.
class TaskArguments {
 public:
  TaskArguments(std::string task, std::map<std::string, std::string> given)
      : task_(std::move(task)), given_(std::move(given)) {}

  // Each returns the given value, else `value`, and throws std::invalid_argument for a wrong form.
  double Number(const std::string& name, double value);
  int Integer(const std::string& name, int value);
  /// From `low` to `high`.
  int Integer(const std::string& name, int value, std::pair<int, int> range);
  /// One number N, or all of N-M, each from `low` to `high`; `value` likewise: first and last.
  std::pair<int, int> Integers(const std::string& name, std::pair<int, int> value,
                               std::pair<int, int> range);
  bool Flag(const std::string& name, bool value);
  std::pair<double, double> Range(const std::string& name, std::pair<double, double> value);
  std::string Text(const std::string& name, const std::string& value);
  bool IsGiven(const std::string& name) { return Find(name) != nullptr; }
  /// The place of one of `names`; the first is the task's own.
  size_t Choice(const std::string& name, const std::vector<std::string>& names);

  /// Throws std::invalid_argument for the given value of `name`.
  [[noreturn]] void Refuse(const std::string& name, const std::string& expected) const;
  /// Throws std::invalid_argument when something was given that nobody asked for.
  void CheckAllUsed() const;

 private:
  const std::string* Find(const std::string& name);

  std::string task_;
  std::map<std::string, std::string> given_;
  std::vector<std::string> known_;
};

/// A row of the list of environments.
struct EnvironmentEntry {
  EnvironmentSpec spec;  // what the list alone says; bounds of actions may be missing
  /// Makes it with the arguments that it takes. Of `spec` it takes the id.
  std::function<std::unique_ptr<Environment>(const EnvironmentSpec& spec, TaskArguments& arguments,
                                             const EnvironmentOptions& options)>
      make;
};

}  // namespace longplay
