// SPDX-License-Identifier: MIT
// A point mass looks for a goal that it does not see: dm_control's point_mass with a goal drawn
// once per chain, so that only what happened earlier in the context tells where to go.
//
// Choices, with their reasons:
// - physics of dm_control's point_mass (easy), 25 physics steps of 0.02 s to a decision and 20
//   decisions to an episode: at full control the mass moves 0.05 m per decision (0.1 m/s), so it
//   crosses from the centre to a wall of the 0.58 m wide arena in about six decisions, and its
//   velocity (time constant 0.3 s) is mostly forgotten from one decision to the next;
// - reward = tolerance of the distance to the goal after the decision: 1 within the goal's radius,
//   falling with a long tail to 0.1 at 0.15 m more. dm_control's margin of 0.015 m would leave
//   nothing to search along; the long tail never becomes flat, so every reward tells the distance.
//   Staying at the centre earns 2.4 of 20 on average, steering to the known goal 17.6;
// - no cost of control: the reward depends on where the mass is, and on nothing else;
// - goals are uniform over the reachable square. It is cut into 8 x 8 cells like a chess board; the
//   black ones are for training, the white ones are held out. Mirroring the board swaps the
//   colours, so both sets are equally far from the centre and equally hard;
// - each episode starts at rest within 0.01 m of the centre, so that episodes can be compared.
#include <algorithm>
#include <cmath>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/tolerance.h"
#include "env/family/family_tasks.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr int kSubsteps = 25;
constexpr int kDecisions = 20;
constexpr double kReach = 0.29;        // [m] range of both joints
constexpr double kGoalRadius = 0.015;  // [m] size of dm_control's target
constexpr double kMargin = 0.15;       // [m]
constexpr double kStartNoise = 0.01;   // [m]
constexpr int64_t kCells = 8;          // along each side of the arena

class PointGoal : public DmControlTask {
 public:
  explicit PointGoal(bool goal_is_seen)
      : DmControlTask(LoadSuiteModel("point_mass"), kSubsteps),
        goal_is_seen_(goal_is_seen),
        target_(mj_name2id(model(), mjOBJ_GEOM, "target")) {}

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> goal) const override {
    // A cell of the set's colour, then a place in it.
    const int64_t colour = set == ParameterSet::kTraining ? 0 : 1;
    const int64_t row = random.Index(kCells);
    const int64_t column = 2 * random.Index(kCells / 2) + (row + colour) % 2;
    const double side = 2 * kReach / kCells;
    goal[0] = -kReach + side * (static_cast<double>(column) + random.Uniform(0, 1));
    goal[1] = -kReach + side * (static_cast<double>(row) + random.Uniform(0, 1));
  }

  // Position, velocity, and for the oracle the goal.
  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy_n(s.data->qpos, s.model->nq, observation.data());
    out = std::copy_n(s.data->qvel, s.model->nv, out);
    if (goal_is_seen_) std::copy(s.parameter.begin(), s.parameter.end(), out);
  }

  void Decorate(const Simulation& s) const override {
    std::copy(s.parameter.begin(), s.parameter.end(), s.data->geom_xpos + 3 * target_);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    for (int i = 0; i < s.model->nq; ++i)
      s.data->qpos[i] = random.Uniform(-kStartNoise, kStartNoise);
  }

  double Reward(const Simulation& s) const override {
    const double distance =
        std::hypot(s.data->qpos[0] - s.parameter[0], s.data->qpos[1] - s.parameter[1]);
    return Tolerance(distance,
                     {.upper = kGoalRadius, .margin = kMargin, .sigmoid = Sigmoid::kLongTail});
  }

 private:
  bool goal_is_seen_;
  int target_;
};

}  // namespace

std::vector<TaskEntry> PointGoalTasks() {
  const auto entry = [](const char* id, int64_t observation_size, bool goal_is_seen) {
    return TaskEntry{
        .id = id,
        .observation_size = observation_size,
        .action_size = 2,
        .max_episode_steps = kDecisions,
        .parameter_size = 2,
        .make = [=](TaskArguments&) { return std::make_unique<PointGoal>(goal_is_seen); }};
  };
  return {entry("family/point-goal-v0", 4, false), entry("family/point-goal-oracle-v0", 6, true)};
}

}  // namespace longplay
