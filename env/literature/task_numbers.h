// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "env/environment_spec.h"
#include "env/random_generator.h"
#include "env/task_arguments.h"

namespace longplay {

/// Consecutive tasks of a list, by their numbers there.
struct TaskRange {
  int64_t first = 0, last = 0;
  bool in_turn = false;  // the seed's own one, modulo their number, in place of a drawn one

  /// One of them, uniformly unless in turn; nothing is drawn where there is one alone.
  int64_t Draw(RandomGenerator& random) const;
};

/// The argument task=N or task=N-M of a list of `count` tasks, if it is given, and with it
/// draw=in_turn. Throws std::invalid_argument for numbers that are not in the list, for any where
/// there is no list (count 0), and for draw=in_turn without them.
std::optional<TaskRange> GivenTasks(TaskArguments& arguments, int64_t count);

/// How many of `count` tasks are for training: this share of them, rounded, but at least one is left
/// for testing.
int64_t TrainingTasks(int64_t count, double share);

/// The tasks of a published list by their numbers there, and which of them are for testing.
///
/// Arguments of an id:
///   task=N          task N alone, whatever set is asked for
///   task=N-M        one of these, drawn for each chain, likewise
///   draw=in_turn    the chain with seed s has task N + s modulo (M - N + 1): consecutive seeds play
///                   each task equally often
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
  std::optional<TaskRange> only_;  // none = all
  std::vector<int64_t> training_, held_out_;
};

/// 45 ... 49, the test tasks of T2DA, Meta-DT and S-ICQL.
std::vector<int64_t> LastFiveOfFifty();

}  // namespace longplay
