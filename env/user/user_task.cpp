// SPDX-License-Identifier: MIT
#include "env/user/user_task.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "env/dm_control/dm_control_task.h"
#include "env/physics/model_files.h"
#include "env/physics/mujoco_environment.h"
#include "env/user/quantity.h"

namespace longplay {
namespace {

[[noreturn]] void Fail(const std::string& where, const std::string& expected,
                       const std::string& got) {
  throw std::invalid_argument("reading task: " + where + ": expected " + expected + ", got " + got);
}

/// Physics steps in a control step; the quotient of two decimals is whole only to 1e-6.
int Substeps(const UserTaskOptions& options, const mjModel* model) {
  if (options.control_step == 0) return 1;
  const double steps = options.control_step / model->opt.timestep;
  const double whole = std::round(steps);
  if (whole < 1 || std::abs(steps - whole) > 1e-6 * whole) {
    Fail(options.where_control_step,
         "a multiple of the model's timestep " + std::to_string(model->opt.timestep) + " s",
         std::to_string(options.control_step) + " s");
  }
  return static_cast<int>(whole);
}

ModelPtr LoadUserModel(const UserTaskOptions& options) {
  const std::string& where = options.where_model;
  if (!std::filesystem::is_regular_file(options.model)) {
    Fail(where, "an MJCF file", "none at " + options.model);
  }
  ModelPtr model = LoadModel(std::filesystem::absolute(options.model).string());
  if (model->nu == 0) Fail(where, "a model with actuators", "none");
  // Without limits an actuator has no range for actions.
  for (int a = 0; a < model->nu; ++a) {
    if (model->actuator_ctrllimited[a] != 0) continue;
    const char* name = mj_id2name(model.get(), mjOBJ_ACTUATOR, a);
    Fail(where, "actuators with a ctrlrange, the range of actions",
         "none for actuator " + (name == nullptr || *name == '\0' ? std::to_string(a) : name));
  }
  return model;
}

/// A number made of a quantity.
class Measured {
 public:
  Measured(const mjModel* model, const RewardTerm& term)
      : quantity_(model, term.quantity), term_(term) {
    using enum RewardTerm::Measure;
    const bool one_number = term.measure != kSquares && term.measure != kNorm;
    if (one_number && quantity_.size() != 1) {
      Fail(term.quantity.where, "one number (choose an axis, or measure: squares or norm)",
           std::to_string(quantity_.size()));
    }
    if (quantity_.size() > kMaxSize) {
      Fail(term.quantity.where, "at most " + std::to_string(kMaxSize) + " numbers",
           std::to_string(quantity_.size()));
    }
  }

  double Value(const Simulation& s) const {
    double values[kMaxSize];
    quantity_.Read(s, values);
    switch (term_.measure) {
      using enum RewardTerm::Measure;
      case kValue:
        return term_.weight * values[0];
      case kAbsolute:
        return term_.weight * std::abs(values[0]);
      case kSquares:
        return term_.weight * mju_dot(values, values, static_cast<int>(quantity_.size()));
      case kNorm:
        return term_.weight * mju_norm(values, static_cast<int>(quantity_.size()));
      case kTolerance:
        return term_.weight * Tolerance(values[0], term_.tolerance);
    }
    return 0;
  }

 private:
  static constexpr int64_t kMaxSize = 512;  // numbers of a step are on the stack

  Quantity quantity_;
  RewardTerm term_;
};

struct Limits {
  Measured measured;
  double lowest, highest;
};

/// Steps and starts as dm_control's tasks do: after a step, positions and velocities are up to
/// date.
class UserTask : public DmControlTask {
 public:
  UserTask(const UserTaskOptions& options, ModelPtr loaded, int substeps)
      : DmControlTask(std::move(loaded), substeps), start_(options.start) {
    // Names are looked up once, here, so that a wrong one is refused before anything runs.
    for (const QuantityOptions& part : options.observation) parts_.emplace_back(model(), part);
    for (const RewardTerm& term : options.reward) terms_.emplace_back(model(), term);
    for (const TerminationRule& rule : options.termination) {
      limits_.push_back(
          {Measured(model(), {.quantity = rule.quantity}), rule.lowest, rule.highest});
    }
    if (start_.keyframe.empty()) return;
    keyframe_ = mj_name2id(model(), mjOBJ_KEY, start_.keyframe.c_str());
    if (keyframe_ < 0) {
      Fail(start_.where + ".keyframe",
           "the name of one of the model's " + std::to_string(model()->nkey) + " keyframes",
           "\"" + start_.keyframe + "\"");
    }
  }

  int64_t observation_size(int64_t /*listed*/) const override {
    int64_t size = 0;
    for (const Quantity& part : parts_) size += part.size();
    return size;
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // Judged after the step, by the same fields as the reward.
    TaskStep step = DmControlTask::Step(s, action);
    for (const Limits& limits : limits_) {
      const double value = limits.measured.Value(s);
      step.terminated |= value < limits.lowest || value > limits.highest;
    }
    return step;
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    double* out = observation.data();
    for (const Quantity& part : parts_) {
      part.Read(s, out);
      out += part.size();
    }
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // Pose, then noise on it; a quaternion with noise must be made one again.
    if (keyframe_ >= 0) mj_resetDataKeyframe(s.model, s.data, keyframe_);
    const double position = start_.position_noise, velocity = start_.velocity_noise;
    for (int k = 0; k < s.model->nq; ++k) s.data->qpos[k] += random.Uniform(-position, position);
    mj_normalizeQuat(s.model, s.data->qpos);
    for (int k = 0; k < s.model->nv; ++k) {
      s.data->qvel[k] +=
          start_.normal_velocity ? velocity * random.Normal() : random.Uniform(-velocity, velocity);
    }
  }

  double Reward(const Simulation& s) const override {
    double reward = 0;
    for (const Measured& term : terms_) reward += term.Value(s);
    return reward;
  }

 private:
  std::vector<Quantity> parts_;
  std::vector<Measured> terms_;
  std::vector<Limits> limits_;
  StartOptions start_;
  int keyframe_ = -1;
};

}  // namespace

std::unique_ptr<Environment> MakeUserEnvironment(const UserTaskOptions& options,
                                                 const EnvironmentOptions& environment) {
  // What needs no model is checked before one is loaded.
  if (options.observation.empty())
    Fail(options.where + ": observation", "at least one entry", "none");
  if (options.reward.empty()) Fail(options.where + ": reward", "at least one term", "none");
  ModelPtr model = LoadUserModel(options);
  const int64_t actions = model->nu;
  const int substeps = Substeps(options, model.get());
  auto task = std::make_unique<UserTask>(options, std::move(model), substeps);
  // Bounds of actions are the model's: MujocoEnvironment fills them in.
  EnvironmentSpec spec = {.id = options.where,
                          .observation_size = task->observation_size(0),
                          .action_size = actions,
                          .max_episode_steps = options.max_episode_steps,
                          .action_low = {},
                          .action_high = {}};
  return std::make_unique<MujocoEnvironment>(spec, std::move(task), environment);
}

}  // namespace longplay
