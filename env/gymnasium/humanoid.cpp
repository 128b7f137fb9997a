// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <numeric>

#include "env/gymnasium/gymnasium_task.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Humanoid and HumanoidStandup: one body, one observation, other rewards.
// Source: gymnasium/envs/mujoco/humanoid_v5.py and humanoidstandup_v5.py, version 1.4.0.
class HumanoidBase : public GymnasiumTask {
 public:
  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, reset_noise_scale_, random);
    AddUniformVelocityNoise(s, reset_noise_scale_, random);
    mj_forward(s.model, s.data);
  }

 protected:
  HumanoidBase(TaskArguments& arguments, const std::string& file, const std::string& contact_name,
               double contact_cost_weight)
      : GymnasiumTask(arguments, file, 5),
        ctrl_cost_weight_(arguments.Number("ctrl_cost_weight", 0.1)),
        contact_cost_weight_(arguments.Number(contact_name + "_weight", contact_cost_weight)),
        contact_cost_range_(arguments.Range(contact_name + "_range", {-kInfinity, 10})),
        reset_noise_scale_(arguments.Number("reset_noise_scale", 1e-2)) {
    parts_.skipped_positions =
        arguments.Flag("exclude_current_positions_from_observation", true) ? 2 : 0;
    parts_.inertias = arguments.Flag("include_cinert_in_observation", true);
    parts_.body_velocities = arguments.Flag("include_cvel_in_observation", true);
    parts_.actuator_forces = arguments.Flag("include_qfrc_actuator_in_observation", true);
    parts_.contact_forces = arguments.Flag("include_cfrc_ext_in_observation", true);
    contact_costs_ = true;
  }

  // Unlike in other tasks, of the simulator's controls, which are double whatever was given.
  double ControlCosts(const Simulation& s) const {
    return ctrl_cost_weight_ * SumOfSquares({s.data->ctrl, static_cast<size_t>(s.model->nu)});
  }

  double ContactCosts(const Simulation& s) const {
    // Clipped as a whole, not force by force as in Ant.
    const std::span<const double> forces(s.data->cfrc_ext, 6 * static_cast<size_t>(s.model->nbody));
    return std::clamp(contact_cost_weight_ * SumOfSquares(forces), contact_cost_range_.first,
                      contact_cost_range_.second);
  }

 private:
  double ctrl_cost_weight_, contact_cost_weight_;
  std::pair<double, double> contact_cost_range_;
  double reset_noise_scale_;
};

// x of the centre of mass.
double MassCentre(const Simulation& s) {
  const double* mass = s.model->body_mass;
  double moment = 0;
  for (int b = 0; b < s.model->nbody; ++b) moment += mass[b] * s.data->xipos[3 * b];
  return moment / std::accumulate(mass, mass + s.model->nbody, 0.0);
}

class Humanoid : public HumanoidBase {
 public:
  explicit Humanoid(TaskArguments& arguments)
      : HumanoidBase(arguments, "humanoid.xml", "contact_cost", 5e-7),
        forward_reward_weight_(arguments.Number("forward_reward_weight", 1.25)),
        healthy_reward_(arguments.Number("healthy_reward", 5)),
        terminate_when_unhealthy_(arguments.Flag("terminate_when_unhealthy", true)),
        healthy_z_(arguments.Range("healthy_z_range", {1, 2})) {}

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // forward_reward + healthy_reward - ctrl_cost - contact_cost
    const double x_before = MassCentre(s);
    Simulate(s, action);
    const double x_velocity = (MassCentre(s) - x_before) / dt();
    const double height = s.data->qpos[2];
    const bool healthy = healthy_z_.first < height && height < healthy_z_.second;
    const double rewards = forward_reward_weight_ * x_velocity + (healthy ? healthy_reward_ : 0);
    return {.reward = rewards - (ControlCosts(s) + ContactCosts(s)),
            .terminated = !healthy && terminate_when_unhealthy_};
  }

 private:
  double forward_reward_weight_, healthy_reward_;
  bool terminate_when_unhealthy_;
  std::pair<double, double> healthy_z_;
};

class HumanoidStandup : public HumanoidBase {
 public:
  explicit HumanoidStandup(TaskArguments& arguments)
      : HumanoidBase(arguments, "humanoidstandup.xml", "impact_cost", 0.5e-6) {
    // Gymnasium takes this weight and does not use it; so it is here.
    arguments.Number("uph_cost_weight", 1);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    Simulate(s, action);
    // uph_cost: height over the physics timestep, not over that of a control step.
    const double up = s.data->qpos[2] / s.model->opt.timestep;
    return {.reward = up - ControlCosts(s) - ContactCosts(s) + 1};
  }
};

}  // namespace

std::vector<TaskEntry> HumanoidTasks() {
  return {{.id = "Humanoid-v5",
           .observation_size = 348,
           .action_size = 17,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<Humanoid>},
          {.id = "HumanoidStandup-v5",
           .observation_size = 348,
           .action_size = 17,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<HumanoidStandup>}};
}

}  // namespace longplay
