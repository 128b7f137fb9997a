// SPDX-License-Identifier: MIT
#include "agent/explorers/literature_anchors.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "agent/explorers/cell_task.h"
#include "agent/explorers/told_explorer.h"
#include "env/list/environment_id.h"
#include "env/random_generator.h"

namespace longplay {
namespace {

constexpr char kPointTask[] = "literature/point-robot-v0";
constexpr double kPointReachOfAStep = 0.1;  // [m] along an axis, see env/literature/point_robot.cpp

/// Nothing at all.
class StandingStill : public Explorer {
 public:
  explicit StandingStill(const EnvironmentSpec& spec) : spec_(spec) {}

  void StartHistory(int64_t, uint64_t) override {}
  void StartEpisode(int64_t) override {}
  void Act(int64_t, std::span<const double>, std::span<double> action) override {
    if (spec_.action_space == ActionSpace::kDiscrete) {
      action[0] = CellTaskOf(spec_.id)->stay;
      return;
    }
    for (size_t a = 0; a < action.size(); ++a) {
      action[a] = std::clamp(0.0, spec_.action_low[a], spec_.action_high[a]);
    }
  }
  void See(int64_t, std::span<const double>, double) override {}

 private:
  EnvironmentSpec spec_;
};

/// Which of the shortest ways: first along x, then along y, or along either at every step.
enum class CellWay { kFirstAlongX, kAny };

/// To one cell after another; the last is stayed at.
class CellOracle : public Explorer {
 public:
  CellOracle(const CellTask& task, const HiddenParameter& hidden, int64_t simulations, CellWay way)
      : task_(task),
        hidden_(hidden),
        way_(way),
        earned_(simulations, 0),
        random_(simulations, RandomGenerator(0, RandomGenerator::Stream::kLearner)) {}

  void StartHistory(int64_t i, uint64_t seed) override {
    random_[i] = RandomGenerator(seed, RandomGenerator::Stream::kLearner);
  }
  void StartEpisode(int64_t i) override { earned_[i] = 0; }
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override {
    // A goal, or a key and a door: the first reward is the key's.
    auto goals = hidden_.parameter(i);
    if (goals.size() > 2) goals = earned_[i] != 0 ? goals.last(2) : goals.first(2);
    const Cell here = CellOf(task_, observation), goal = {goals[0], goals[1]};
    const bool both = here[0] != goal[0] && here[1] != goal[1];
    const bool y_first = both && way_ == CellWay::kAny && random_[i].Index(2) == 1;
    action[0] = StepTowards(task_, here, goal, y_first);
  }
  void See(int64_t i, std::span<const double>, double reward) override {
    if (reward > 0) earned_[i] = 1;
  }

 private:
  CellTask task_;
  const HiddenParameter& hidden_;
  CellWay way_;
  std::vector<uint8_t> earned_;          // [B] anything in this episode
  std::vector<RandomGenerator> random_;  // [B] of kAny
};

/// From one cell to another that is drawn when the one before is reached, by any shortest way. What
/// it does tells nothing of what is hidden, and it comes by many more cells than a random walk.
class CellWalk : public Explorer {
 public:
  CellWalk(const CellTask& task, int64_t simulations)
      : task_(task),
        next_(simulations),
        random_(simulations, RandomGenerator(0, RandomGenerator::Stream::kLearner)) {}

  void StartHistory(int64_t i, uint64_t seed) override {
    random_[i] = RandomGenerator(seed, RandomGenerator::Stream::kLearner);
  }
  void StartEpisode(int64_t i) override { next_[i].reset(); }
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override {
    const Cell here = CellOf(task_, observation);
    while (!next_[i] || *next_[i] == here) {
      const auto x = static_cast<double>(random_[i].Index(task_.size));
      next_[i] = Cell{x, static_cast<double>(random_[i].Index(task_.size))};
    }
    action[0] = StepTowards(task_, here, *next_[i], random_[i].Index(2) == 1);
  }
  void See(int64_t, std::span<const double>, double) override {}

 private:
  CellTask task_;
  std::vector<std::optional<Cell>> next_;  // [B]
  std::vector<RandomGenerator> random_;    // [B]
};

/// Knows the goal from the first episode's rewards on, and keeps it for the history.
class Triangulation : public Explorer {
 public:
  explicit Triangulation(int64_t simulations) : searches_(simulations) {}

  void StartHistory(int64_t i, uint64_t) override { searches_[i] = {}; }
  void StartEpisode(int64_t) override {}
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override {
    const Search& search = searches_[i];
    std::array<double, 2> chosen = {1, 0};
    if (search.seen.size() == 1) chosen = {0, 1};
    if (search.seen.size() > 1) chosen = GoStraight(observation, search.goals[search.best]);
    std::ranges::copy(chosen, action.begin());
  }
  void See(int64_t i, std::span<const double> observation, double reward) override {
    // The reward is minus the distance.
    Search& search = searches_[i];
    search.seen.push_back({{observation[0], observation[1]}, -reward});
    if (search.seen.size() < 2) return;
    const Sight &first = search.seen[0], &second = search.seen[1];
    search.goals = MeetingPoints(first.at, first.distance, second.at, second.distance);
    // The later rewards tell which of the two it is.
    constexpr double kRounding = 1e-6;  // [m]
    search.best = search.Misfit(0) <= search.Misfit(1) + kRounding ? 0 : 1;
    if (search.seen.size() > 3) search.seen.pop_back();  // it is known by now
  }

 private:
  struct Sight {
    std::array<double, 2> at;  // [m]
    double distance;           // [m] to the goal
  };
  struct Search {
    std::vector<Sight> seen;
    std::array<std::array<double, 2>, 2> goals = {};
    size_t best = 0;

    /// [m] between what that goal would have shown and what was seen, the largest.
    double Misfit(size_t goal) const {
      double largest = 0;
      for (const Sight& sight : seen) {
        const double distance =
            std::hypot(goals[goal][0] - sight.at[0], goals[goal][1] - sight.at[1]);
        largest = std::max(largest, std::abs(distance - sight.distance));
      }
      return largest;
    }
  };
  std::vector<Search> searches_;  // [B]
};

}  // namespace

bool AnchorHandles(const std::string& anchor, const std::string& id) {
  const bool point = ParseEnvironmentId(id).name == kPointTask;
  if (anchor == "triangulation") return point;
  if (anchor == "waypoints") return CellTaskOf(id).has_value();
  return point || CellTaskOf(id).has_value();
}

std::string AnchorTasks(const std::string& anchor) {
  if (anchor == "triangulation") return kPointTask;
  std::string tasks =
      "literature/dark-room-v0, literature/dark-key-to-door-v0 or family/grid-goal-v0";
  if (anchor == "waypoints") return tasks;
  tasks = std::string(kPointTask) + ", " + tasks;
  return anchor == "still" ? "continuous actions, " + tasks : tasks;
}

std::unique_ptr<Explorer> MakeAnchor(const std::string& anchor, const Environment& environment) {
  const EnvironmentSpec& spec = environment.spec();
  const bool still = anchor == "still";
  if (still && spec.action_space == ActionSpace::kContinuous) {
    return std::make_unique<StandingStill>(spec);
  }
  if (!AnchorHandles(anchor, spec.id)) {
    throw std::invalid_argument("collecting data: algorithm: " + anchor + ": expected " +
                                AnchorTasks(anchor) + ", got " + spec.id);
  }
  if (still) return std::make_unique<StandingStill>(spec);
  if (anchor == "triangulation") return std::make_unique<Triangulation>(environment.batch());
  const auto cells = CellTaskOf(spec.id);
  if (anchor == "waypoints") return std::make_unique<CellWalk>(*cells, environment.batch());
  if (cells) {
    const CellWay way = anchor == "any_way" ? CellWay::kAny : CellWay::kFirstAlongX;
    return std::make_unique<CellOracle>(*cells, HiddenOf(environment), environment.batch(), way);
  }
  return MakeToldExplorer(environment, [](auto observation, auto goal, auto action) {
    std::ranges::copy(GoStraight(observation, goal), action.begin());
  });
}

std::array<double, 2> GoStraight(std::span<const double> position, std::span<const double> goal) {
  std::array<double, 2> action;
  for (size_t k = 0; k < 2; ++k) {
    action[k] = std::clamp((goal[k] - position[k]) / kPointReachOfAStep, -1.0, 1.0);
  }
  return action;
}

std::array<std::array<double, 2>, 2> MeetingPoints(const std::array<double, 2>& first,
                                                   double first_distance,
                                                   const std::array<double, 2>& second,
                                                   double second_distance) {
  // Along the line between both places, then to its left and to its right.
  const double dx = second[0] - first[0], dy = second[1] - first[1], way = std::hypot(dx, dy);
  const double along =
      (first_distance * first_distance - second_distance * second_distance + way * way) / (2 * way);
  const double aside = std::sqrt(std::max(0.0, first_distance * first_distance - along * along));
  const double x = first[0] + along * dx / way, y = first[1] + along * dy / way;
  return {
      {{x - aside * dy / way, y + aside * dx / way}, {x + aside * dy / way, y - aside * dx / way}}};
}

}  // namespace longplay
