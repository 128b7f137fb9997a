// SPDX-License-Identifier: MIT
// A walker on a grid looks for a goal cell that it does not see, drawn once per chain, so that only
// what happened earlier in the context tells where to go.
//
// Choices, with their reasons:
// - size x size cells (argument `size`, 7), `limit` steps to an episode (20), start in the middle:
//   of an even number of cells the upper right one of the four there;
// - five actions: 0 stay, 1 up (y + 1), 2 down, 3 left, 4 right (x + 1). A step against the edge
//   leaves the walker where it is;
// - reward 1 for each step after which the walker is on the goal, which does not end the episode:
//   the most that an episode earns is limit - distance + 1, the distance in steps from the start;
// - the observation is the cell (x, y), from 0 at the lower left; the oracle's also holds the goal;
// - goals are uniform over all cells but the start. Those with (dx + 2 dy) mod 5 = 1, counted from
//   the start, are held out: one cell in five of every row and column, a knight's move apart. The
//   others are for training. Turning a grid with an odd side by 90 degrees takes class 1 to 2, 2 to
//   4, 4 to 3 and 3 to 1, so that held-out goals are exactly as hard as those of these three.
#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "env/grid/grid_tasks.h"

namespace longplay {
namespace {

constexpr int kSize = 7, kSmallest = 3, kLargest = 1000;  // [cells]
constexpr int kLimit = 20;                                // [steps]
constexpr int64_t kClasses = 5, kHeldOutClass = 1;

// By action: stay, up, down, left, right.
constexpr std::array<std::array<double, 2>, 5> kMoves = {
    {{0, 0}, {0, 1}, {0, -1}, {-1, 0}, {1, 0}}};

int Checked(TaskArguments& arguments, const std::string& name, int value, int low, int high) {
  const int got = arguments.Integer(name, value);
  if (got >= low && got <= high) return got;
  throw std::invalid_argument("making an environment: family/grid-goal-v0: " + name +
                              ": expected " + std::to_string(low) + " to " + std::to_string(high) +
                              ", got " + std::to_string(got));
}

class GridGoal : public PlainTask {
 public:
  GridGoal(TaskArguments& arguments, bool goal_is_seen)
      : size_(Checked(arguments, "size", kSize, kSmallest, kLargest)),
        limit_(Checked(arguments, "limit", kLimit, 1, 1000000)),
        goal_is_seen_(goal_is_seen) {}

  int64_t state_size() const override { return 2; }  // the walker's cell (x, y)
  int64_t max_episode_steps(int64_t /*listed*/) const override { return limit_; }

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> goal) const override {
    int64_t x = 0, y = 0;
    // Rejection keeps the draw uniform over the cells of the set.
    do {
      const int64_t cell = random.Index(size_ * size_);
      x = cell % size_;
      y = cell / size_;
    } while ((x == start() && y == start()) ||
             IsHeldOutCell(x, y) != (set == ParameterSet::kHeldOut));
    goal[0] = static_cast<double>(x);
    goal[1] = static_cast<double>(y);
  }

  void Initialize(const PlainSimulation& s, RandomGenerator& /*random*/) const override {
    std::ranges::fill(s.state, static_cast<double>(start()));
  }

  TaskStep Step(const PlainSimulation& s, std::span<const double> action) const override {
    const auto& move = kMoves[static_cast<size_t>(action[0])];
    for (size_t k = 0; k < 2; ++k) {
      s.state[k] = std::clamp(s.state[k] + move[k], 0.0, static_cast<double>(size_ - 1));
    }
    return {.reward = std::ranges::equal(s.state, s.parameter) ? 1.0 : 0.0};
  }

  void Observe(const PlainSimulation& s, std::span<double> observation) const override {
    const auto rest = std::ranges::copy(s.state, observation.begin()).out;
    if (goal_is_seen_) std::ranges::copy(s.parameter, rest);
  }

 private:
  int64_t start() const { return size_ / 2; }  // x and y
  bool IsHeldOutCell(int64_t x, int64_t y) const {
    const int64_t place = x - start() + 2 * (y - start());
    return (place % kClasses + kClasses) % kClasses == kHeldOutClass;
  }

  int64_t size_, limit_;
  bool goal_is_seen_;
};

}  // namespace

std::vector<PlainEntry> GridGoalTasks() {
  const auto entry = [](const char* id, int64_t observation_size, bool goal_is_seen) {
    return PlainEntry{.spec = {.id = id,
                               .observation_size = observation_size,
                               .action_size = static_cast<int64_t>(kMoves.size()),
                               .max_episode_steps = kLimit,
                               .action_low = {},
                               .action_high = {},
                               .parameter_size = 2,
                               .action_space = ActionSpace::kDiscrete},
                      .make = [=](TaskArguments& arguments) {
                        return std::make_unique<GridGoal>(arguments, goal_is_seen);
                      }};
  };
  return {entry("family/grid-goal-v0", 2, false), entry("family/grid-goal-oracle-v0", 4, true)};
}

}  // namespace longplay
