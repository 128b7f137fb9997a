// SPDX-License-Identifier: MIT
#include <algorithm>
#include <numbers>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr int kFirstPole = 2;  // body 0 is the world, 1 the cart

enum class Start { kUpright, kSwingUp };
enum class RewardKind { kSmooth, kSparse };

// A chain of poles instead of one, with the floor below them and the cameras further off.
void AddPoles(std::string& xml, int poles) {
  const auto number = [](double x) { return std::to_string(x); };
  const auto replace = [&xml](const std::string& from, const std::string& to) {
    xml.replace(xml.find(from), from.size(), to);
  };
  std::string chain, ends;
  for (int k = 2; k <= poles; ++k) {
    const std::string index = std::to_string(k);
    chain.append("<body name='pole_").append(index);
    chain.append("' pos='0 0 1' childclass='pole'><joint name='hinge_").append(index);
    chain.append("'/><geom name='pole_").append(index).append("'/>");
    ends += "</body>";
  }
  // Each pole's body is inside the one before; then the floor, cameras fixed and lookatcart.
  replace("<geom name=\"pole_1\"/>", "<geom name=\"pole_1\"/>" + chain + ends);
  replace("pos=\"0 0 -.05\"", "pos=\"0 0 " + number(1 - poles - .05) + "\"");
  replace("pos=\"0 -4 1\"", "pos=\"0 " + number(-1 - 2 * poles) + " 1\"");
  replace("pos=\"0 -2 2\"", "pos=\"0 " + number(-2 * poles) + " 2\"");
}

ModelPtr MakeModel(int poles) {
  return LoadSuiteModel("cartpole", [=](std::string& xml) {
    if (poles > 1) AddPoles(xml, poles);
  });
}

// Source: dm_control/suite/cartpole.py, version 1.0.50.
class Cartpole : public DmControlTask {
 public:
  Cartpole(int poles, Start start, RewardKind reward)
      : DmControlTask(MakeModel(poles), 1), poles_(poles), start_(start), reward_(reward) {}

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = observation.data();
    // position (cart, then cosine and sine of each pole), velocity
    *out++ = s.data->qpos[0];
    for (int k = 0; k < poles_; ++k) {
      const double* pole = s.data->xmat + 9 * (kFirstPole + k);
      *out++ = pole[kZz];
      *out++ = pole[kXz];
    }
    std::copy_n(s.data->qvel, s.model->nv, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    double* q = s.data->qpos;
    const bool swing_up = start_ == Start::kSwingUp;
    // Swing-up: the first pole hangs down, the others follow it. Balance: near upright.
    q[0] = swing_up ? 0.01 * random.Normal() : random.Uniform(-0.1, 0.1);
    for (int k = 1; k < s.model->nq; ++k) {
      if (swing_up) {
        q[k] = k == 1 ? std::numbers::pi + 0.01 * random.Normal() : 0.1 * random.Normal();
      } else {
        q[k] = random.Uniform(-0.034, 0.034);
      }
    }
    for (int k = 0; k < s.model->nv; ++k) s.data->qvel[k] = 0.01 * random.Normal();
  }

  double Reward(const Simulation& s) const override {
    return reward_ == RewardKind::kSparse ? SparseReward(s) : SmoothReward(s);
  }

 private:
  static double PoleCosine(const Simulation& s, int k) {
    return s.data->xmat[9 * (kFirstPole + k) + kZz];
  }

  double SparseReward(const Simulation& s) const {
    // _CART_RANGE [m], then _ANGLE_COSINE_RANGE of every pole.
    double reward = Tolerance(s.data->qpos[0], {.lower = -0.25, .upper = 0.25});
    for (int k = 0; k < poles_; ++k) {
      reward *= Tolerance(PoleCosine(s, k), {.lower = 0.995, .upper = 1});
    }
    return reward;
  }

  double SmoothReward(const Simulation& s) const {
    // Mean of upright, worst of velocity, over the poles.
    double upright = 0, slowest = 1;
    for (int k = 0; k < poles_; ++k) {
      upright += (PoleCosine(s, k) + 1) / 2;
      slowest = std::min(slowest, Tolerance(s.data->qvel[1 + k], {.margin = 5}));
    }
    // Each factor but `upright` is squeezed, so that none alone takes everything away.
    const double centered = (1 + Tolerance(s.data->qpos[0], {.margin = 2})) / 2;
    const ToleranceOptions small = {
        .margin = 1, .value_at_margin = 0, .sigmoid = Sigmoid::kQuadratic};
    const double small_control = (4 + Tolerance(s.data->ctrl[0], small)) / 5;
    return upright / poles_ * small_control * ((1 + slowest) / 2) * centered;
  }

  int poles_;
  Start start_;
  RewardKind reward_;
};

}  // namespace

std::vector<TaskEntry> CartpoleTasks() {
  const auto entry = [](const std::string& name, int poles, Start start, RewardKind reward) {
    return TaskEntry{
        .id = "dm_control/cartpole-" + name + "-v0",
        .observation_size = 2 + 3 * poles,
        .action_size = 1,
        .max_episode_steps = 1000,
        .make = [=](TaskArguments&) { return std::make_unique<Cartpole>(poles, start, reward); }};
  };
  return {entry("balance", 1, Start::kUpright, RewardKind::kSmooth),
          entry("balance_sparse", 1, Start::kUpright, RewardKind::kSparse),
          entry("swingup", 1, Start::kSwingUp, RewardKind::kSmooth),
          entry("swingup_sparse", 1, Start::kSwingUp, RewardKind::kSparse),
          entry("two_poles", 2, Start::kSwingUp, RewardKind::kSmooth),
          entry("three_poles", 3, Start::kSwingUp, RewardKind::kSmooth)};
}

}  // namespace longplay
