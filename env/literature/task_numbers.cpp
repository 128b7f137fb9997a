// SPDX-License-Identifier: MIT
#include "env/literature/task_numbers.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace longplay {

int64_t TaskRange::Draw(RandomGenerator& random) const {
  const int64_t count = last - first + 1;
  if (in_turn) return first + static_cast<int64_t>(random.seed() % static_cast<uint64_t>(count));
  return count == 1 ? first : first + random.Index(count);
}

std::optional<TaskRange> GivenTasks(TaskArguments& arguments, int64_t count) {
  const bool given = arguments.IsGiven("task");
  const bool in_turn = arguments.Choice("draw", {"random", "in_turn"}) == 1;
  if (given && count == 0) {
    arguments.Refuse("task", "none where tasks are drawn and have no numbers");
  }
  if (!given && in_turn) {
    arguments.Refuse("draw", count > 0 ? "random, or with it task=N-M, the tasks to take in turn"
                                       : "random where tasks are drawn and have no numbers");
  }
  if (!given) return std::nullopt;
  const auto [first, last] = arguments.Integers("task", {0, 0}, {0, static_cast<int>(count) - 1});
  return TaskRange{.first = first, .last = last, .in_turn = in_turn};
}

int64_t TrainingTasks(int64_t count, double share) {
  const auto wanted = static_cast<int64_t>(std::nearbyint(share * static_cast<double>(count)));
  return std::min(wanted, std::max<int64_t>(count - 1, 0));
}

TaskNumbers::TaskNumbers(TaskArguments& arguments, int64_t count, std::vector<int64_t> held_out)
    : drawn_(arguments.Choice("tasks", {"published", "drawn"}) == 1),
      held_out_(std::move(held_out)) {
  only_ = GivenTasks(arguments, drawn_ ? 0 : count);
  for (int64_t number = 0; number < count; ++number) {
    if (std::ranges::find(held_out_, number) == held_out_.end()) training_.push_back(number);
  }
}

int64_t TaskNumbers::Draw(ParameterSet set, RandomGenerator& random) const {
  if (only_) return only_->Draw(random);
  const auto& numbers = set == ParameterSet::kHeldOut ? held_out_ : training_;
  return numbers[random.Index(static_cast<int64_t>(numbers.size()))];
}

std::vector<int64_t> LastFiveOfFifty() { return {45, 46, 47, 48, 49}; }

}  // namespace longplay
