// SPDX-License-Identifier: MIT
// Cheetah-Vel and Cheetah-Dir: Gymnasium's HalfCheetah with a hidden velocity or direction.
//
//   observation  20 = positions but x (8), velocities (9), the torso's x, y, z [m]. These three are
//                as of the last simulator step's start, 0.01 s ago, and exact after a reset; x tells
//                how far it ran, and so its average speed. Published as float32, here doubles
//   reward       -|v - wished| or direction * v, less 0.05 |action|^2; v [m/s] by the x of the joints
//   start        positions + U(-0.1, 0.1), velocities + 0.1 N(0, 1)
//   end          after 200 steps of 0.05 s, never before
//   velocities   50, RandomState(123456).uniform(0, 3, 50); tests 45 ... 49
//   directions   4: 1, -1, 1, -1; tests 2 and 3, which are the training directions again
//
// Arguments: env/literature/task_numbers.h, env/literature/legacy_task.h.
// Source: NJU-RL/T2DA f6a1879, diffuser/environments/half_cheetah_vel.py and its task list;
// NJU-RL/Meta-DT d568100, src/tp_envs/half_cheetah_dir.py (arXiv 2410.11448).
#include <algorithm>
#include <cmath>

#include "env/gymnasium/gymnasium_task.h"
#include "env/literature/legacy_task.h"
#include "env/literature/literature_physics.h"
#include "env/literature/published_random.h"
#include "env/literature/task_numbers.h"

namespace longplay {
namespace {

constexpr double kCheetahControlCost = 0.05, kCheetahNoise = 0.1;
constexpr double kCheetahFastest = 3;  // [m/s]
constexpr int64_t kCheetahVelocities = 50;
constexpr int kCheetahTorso = 1;

enum class CheetahWish { kVelocity, kDirection };

/// [m/s], or 1 and -1.
std::vector<double> PublishedCheetahWishes(CheetahWish wish) {
  if (wish == CheetahWish::kDirection) return {1, -1, 1, -1};
  MersenneTwister random = MersenneTwister::OfNumpy(123456);
  std::vector<double> velocities(kCheetahVelocities);
  for (double& velocity : velocities) velocity = random.Uniform(0, kCheetahFastest);
  return velocities;
}

class LiteratureCheetah : public LegacyTask {
 public:
  LiteratureCheetah(TaskArguments& arguments, CheetahWish wish, bool wish_is_seen)
      : LegacyTask(arguments, {.file = "half_cheetah.xml", .frame_skip = 5}),
        wish_(wish),
        wishes_(PublishedCheetahWishes(wish)),
        numbers_(arguments, static_cast<int64_t>(wishes_.size()),
                 wish == CheetahWish::kVelocity ? LastFiveOfFifty() : std::vector<int64_t>{2, 3}),
        wish_is_seen_(wish_is_seen) {}

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> parameter) const override {
    if (!numbers_.are_drawn()) {
      parameter[0] = wishes_[numbers_.Draw(set, random)];
    } else if (wish_ == CheetahWish::kVelocity) {
      parameter[0] = random.Uniform(0, kCheetahFastest);
    } else {
      parameter[0] = random.Index(2) == 0 ? -1 : 1;
    }
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, kCheetahNoise, random);
    AddNormalVelocityNoise(s, kCheetahNoise, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    const double x_before = s.data->qpos[0];
    Simulate(s, action);
    const double velocity = (s.data->qpos[0] - x_before) / dt();
    const double gain = wish_ == CheetahWish::kVelocity ? -std::abs(velocity - s.parameter[0])
                                                        : s.parameter[0] * velocity;
    return {.reward = gain - ControlCost(s, kCheetahControlCost, action)};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = std::copy(s.data->qpos + 1, s.data->qpos + s.model->nq, observation.data());
    out = std::copy_n(s.data->qvel, s.model->nv, out);
    // What the last mj_step left there: Euler's integration does not renew it.
    out = std::copy_n(s.data->xpos + 3 * kCheetahTorso, 3, out);
    if (wish_is_seen_) *out = s.parameter[0];
  }

 private:
  CheetahWish wish_;
  std::vector<double> wishes_;  // by number
  TaskNumbers numbers_;
  bool wish_is_seen_;
};

}  // namespace

std::vector<TaskEntry> LiteratureCheetahTasks() {
  const auto entry = [](const std::string& name, CheetahWish wish, bool seen) {
    return TaskEntry{.id = "literature/" + name + "-v0",
                     .observation_size = seen ? 21 : 20,
                     .action_size = 6,
                     .max_episode_steps = 200,
                     .parameter_size = 1,
                     .make = [=](TaskArguments& arguments) {
                       return std::make_unique<LiteratureCheetah>(arguments, wish, seen);
                     }};
  };
  return {entry("cheetah-vel", CheetahWish::kVelocity, false),
          entry("cheetah-vel-oracle", CheetahWish::kVelocity, true),
          entry("cheetah-dir", CheetahWish::kDirection, false),
          entry("cheetah-dir-oracle", CheetahWish::kDirection, true)};
}

}  // namespace longplay
