// SPDX-License-Identifier: MIT
// Dark key-to-door: a walker looks for a key, then for a door; it sees neither. 1 for the first step
// on the key, 1 for the first on the door thereafter. What is published under the name, by arguments
// (those of env/literature/dark_cells.h, and `goals`, `end`, `key`):
//
//   DICP     literature/dark-key-to-door-v0
//   toymeta  ...?start=random&goals=drawn&end=door&moves=toymeta&observation=index
//
// In AMAGO's and others' versions of this name the key is seen (key=seen): another task.
//
//   goals   dicp: all pairs of cells in the order of random.seed(4), random.shuffle, the last
//           twentieth are tests (328 of 6,561 on 9 x 9); there the key may lie on the door's cell,
//           which then takes one more step; drawn: two different cells, in both sets
//   task=N  the pair of that number in the list alone; task=N-M: one of these, drawn, or with
//           draw=in_turn the seed's (env/literature/task_numbers.h)
//   end     never; door: where the door is reached with the key
//   key     hidden; seen: the observation's last number is 1 once the walker has it
#include <algorithm>
#include <optional>
#include <stdexcept>

#include "env/literature/dark_cells.h"
#include "env/literature/literature_tasks.h"
#include "env/literature/published_random.h"
#include "env/literature/task_numbers.h"

namespace longplay {
namespace {

constexpr int kKeySize = 9, kKeySteps = 50;
constexpr int64_t kLargestKeySize = 30;  // [cells] whose pairs are still listed in a moment

class DarkKeyToDoor : public DarkCells {
 public:
  DarkKeyToDoor(TaskArguments& arguments, bool goals_are_seen)
      : DarkCells(arguments,
                  {.size = kKeySize, .limit = kKeySteps, .starts = {"centre", "corner", "random"}}),
        ends_(arguments.Choice("end", {"never", "door"}) == 1),
        key_is_seen_(arguments.Choice("key", {"hidden", "seen"}) == 1),
        goals_are_seen_(goals_are_seen) {
    if (arguments.Choice("goals", {"dicp", "drawn"}) == 0) {
      if (size() > kLargestKeySize) {
        throw std::invalid_argument(
            "making an environment: dark-key-to-door: goals=dicp: expected a size up to 30, whose "
            "pairs of cells it lists, got size=" +
            std::to_string(size()) + " (goals=drawn takes any)");
      }
      pairs_ = ShuffledByPython(4, cells() * cells());
    }
    const auto count = static_cast<int64_t>(pairs_.size());
    training_ = TrainingTasks(count, 0.95);
    only_ = GivenTasks(arguments, count);
  }

  int64_t observation_size(int64_t listed) const override {
    return DarkCells::observation_size(listed) + (key_is_seen_ ? 1 : 0);
  }
  int64_t state_size() const override { return 4; }  // x, y, has the key, was at the door

  // Key (x, y), door (x, y).
  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> goals) const override {
    int64_t key = 0, door = 0;
    if (pairs_.empty()) {
      key = random.Index(cells());
      door = (key + 1 + random.Index(cells() - 1)) % cells();  // any other
    } else {
      const auto count = static_cast<int64_t>(pairs_.size());
      const bool test = set == ParameterSet::kHeldOut;
      const int64_t drawn =
          test ? training_ + random.Index(count - training_) : random.Index(training_);
      const int64_t pair = pairs_[only_ ? only_->Draw(random) : drawn];
      key = pair / cells();
      door = pair % cells();
    }
    SetCell(goals.first(2), key);
    SetCell(goals.last(2), door);
  }

  void Initialize(const PlainSimulation& s, RandomGenerator& random) const override {
    Place(s.state.first(2), random);
    s.state[2] = s.state[3] = 0;
  }

  TaskStep Step(const PlainSimulation& s, std::span<const double> action) const override {
    const auto cell = s.state.first(2);
    double& has_key = s.state[2];
    double& was_at_door = s.state[3];
    Move(cell, action[0]);
    if (has_key == 0 && std::ranges::equal(cell, s.parameter.first(2))) {
      has_key = 1;
      return {.reward = 1};
    }
    if (has_key != 0 && was_at_door == 0 && std::ranges::equal(cell, s.parameter.last(2))) {
      was_at_door = 1;
      return {.reward = 1, .terminated = ends_};
    }
    return {};
  }

  void Observe(const PlainSimulation& s, std::span<double> observation) const override {
    auto rest = Show(s.state.first(2), observation);
    if (goals_are_seen_) {
      std::ranges::copy(s.parameter, rest.begin());
      rest = rest.subspan(s.parameter.size());
    }
    if (key_is_seen_) rest[0] = s.state[2];
  }

 private:
  bool ends_, key_is_seen_, goals_are_seen_;
  std::vector<int64_t> pairs_;     // key * cells + door, in the list's order; none = drawn
  int64_t training_ = 0;           // so many of them, from the first on
  std::optional<TaskRange> only_;  // none = all
};

}  // namespace

std::vector<PlainEntry> DarkKeyToDoorTasks() {
  const auto entry = [](const char* id, int64_t observation_size, bool goals_are_seen) {
    return PlainEntry{.spec = DarkSpec(id, observation_size, kKeySteps, 4),
                      .make = [=](TaskArguments& arguments) {
                        return std::make_unique<DarkKeyToDoor>(arguments, goals_are_seen);
                      }};
  };
  return {entry("literature/dark-key-to-door-v0", 2, false),
          entry("literature/dark-key-to-door-oracle-v0", 6, true)};
}

}  // namespace longplay
