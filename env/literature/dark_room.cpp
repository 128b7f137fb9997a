// SPDX-License-Identifier: MIT
// Dark room: a walker looks for a goal cell that it does not see; 1 for each step after which it is
// there. What is published under the name, by arguments (those of env/literature/dark_cells.h, and
// `goals`, `reward`, `end`):
//
//   DPT, S-ICQL, T2MIR   literature/dark-room-v0
//   DICP                 literature/dark-room-v0?size=9&start=centre&limit=20&goals=dicp
//   AD (toymeta)         ...?size=9&start=centre&limit=20&goals=drawn&moves=toymeta&observation=index
//   AD, hard             ...?size=17&start=centre&limit=20&goals=drawn&end=goal and as above
//
//   goals    dpt: all cells of 10 x 10 in the order of RandomState(0).shuffle, the last 20 are tests;
//            dicp: all cells in the order of random.seed(0), random.shuffle, the last tenth are tests
//            (8 of 81); drawn: uniform over all cells, in both sets (a split is the user's)
//   task=N   the goal of that number in the list alone; task=N-M: one of these, drawn, or with
//            draw=in_turn the seed's (env/literature/task_numbers.h)
//   reward   every: at each step on the goal; once: at the first of an episode
//   end      never; goal: where the goal is reached
#include <algorithm>
#include <optional>
#include <stdexcept>

#include "env/literature/dark_cells.h"
#include "env/literature/literature_tasks.h"
#include "env/literature/published_random.h"
#include "env/literature/task_numbers.h"

namespace longplay {
namespace {

constexpr int kDarkRoomSize = 10, kDarkRoomSteps = 100;

class DarkRoom : public DarkCells {
 public:
  DarkRoom(TaskArguments& arguments, bool goal_is_seen)
      : DarkCells(arguments, {.size = kDarkRoomSize,
                              .limit = kDarkRoomSteps,
                              .starts = {"corner", "centre", "random"}}),
        once_(arguments.Choice("reward", {"every", "once"}) == 1),
        ends_(arguments.Choice("end", {"never", "goal"}) == 1),
        goal_is_seen_(goal_is_seen) {
    constexpr size_t kDpt = 0, kDicp = 1;
    const size_t list = arguments.Choice("goals", {"dpt", "dicp", "drawn"});
    if (list == kDpt && size() != kDarkRoomSize) {
      throw std::invalid_argument(
          "making an environment: dark-room: goals=dpt: expected size=10, "
          "whose cells it lists, got size=" +
          std::to_string(size()) + " (goals=dicp and goals=drawn take any)");
    }
    if (list == kDpt) goals_ = ShuffledByNumpy(0, cells());
    if (list == kDicp) goals_ = ShuffledByPython(0, cells());
    const auto count = static_cast<int64_t>(goals_.size());
    training_ = TrainingTasks(count, list == kDpt ? 0.8 : 0.9);
    only_ = GivenTasks(arguments, count);
  }

  int64_t state_size() const override { return 3; }  // x, y, whether the goal was reached

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> goal) const override {
    if (goals_.empty()) return SetCell(goal, random.Index(cells()));
    if (only_) return SetCell(goal, goals_[only_->Draw(random)]);
    const bool test = set == ParameterSet::kHeldOut;
    const auto count = static_cast<int64_t>(goals_.size());
    SetCell(goal,
            goals_[test ? training_ + random.Index(count - training_) : random.Index(training_)]);
  }

  void Initialize(const PlainSimulation& s, RandomGenerator& random) const override {
    Place(s.state.first(2), random);
    s.state[2] = 0;
  }

  TaskStep Step(const PlainSimulation& s, std::span<const double> action) const override {
    Move(s.state.first(2), action[0]);
    if (!std::ranges::equal(s.state.first(2), s.parameter)) return {};
    const bool again = s.state[2] != 0;
    s.state[2] = 1;
    return {.reward = once_ && again ? 0.0 : 1.0, .terminated = ends_};
  }

  void Observe(const PlainSimulation& s, std::span<double> observation) const override {
    const auto rest = Show(s.state.first(2), observation);
    if (goal_is_seen_) std::ranges::copy(s.parameter, rest.begin());
  }

 private:
  bool once_, ends_, goal_is_seen_;
  std::vector<int64_t> goals_;     // cells in the list's order; none = drawn
  int64_t training_ = 0;           // so many of them, from the first on
  std::optional<TaskRange> only_;  // none = all
};

}  // namespace

std::vector<PlainEntry> DarkRoomTasks() {
  const auto entry = [](const char* id, int64_t observation_size, bool goal_is_seen) {
    return PlainEntry{.spec = DarkSpec(id, observation_size, kDarkRoomSteps, 2),
                      .make = [=](TaskArguments& arguments) {
                        return std::make_unique<DarkRoom>(arguments, goal_is_seen);
                      }};
  };
  return {entry("literature/dark-room-v0", 2, false),
          entry("literature/dark-room-oracle-v0", 4, true)};
}

}  // namespace longplay
