// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "env/environment_spec.h"
#include "env/random_generator.h"
#include "env/task_arguments.h"

namespace longplay {

/// The tasks of a published list by their numbers there, and which of them are for testing.
///
/// Arguments of an id:
///   task=N          task N alone, whatever set is asked for
///   tasks=drawn     no list: tasks drawn anew from the distribution that the list came from; then
///                   both sets are the same, and no task comes twice
class TaskNumbers {
 public:
  /// Takes both arguments, of a list of `count` tasks; its first name for `tasks` is published.
  TaskNumbers(TaskArguments& arguments, int64_t count, std::vector<int64_t> held_out);

  bool are_drawn() const { return drawn_; }
  /// One of the set's numbers, uniformly; not where tasks are drawn.
  int64_t Draw(ParameterSet set, RandomGenerator& random) const;

 private:
  bool drawn_;
  int64_t only_ = -1;  // -1 = all
  std::vector<int64_t> training_, held_out_;
};

/// The argument task=N of a list of `count` tasks; -1 = none is given. Throws std::invalid_argument
/// for a number that is not in the list, and for any where there is no list (count 0).
int64_t OnlyTask(TaskArguments& arguments, int64_t count);

/// 45 ... 49, the test tasks of T2DA, Meta-DT and S-ICQL.
std::vector<int64_t> LastFiveOfFifty();

}  // namespace longplay
