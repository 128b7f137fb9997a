// SPDX-License-Identifier: MIT
// ExoRL's reaching tasks for Kinova's Jaco arm: the scene is put together here from the arm and the
// hand that dm_control's package holds, as its composer does in Python.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "env/dm_control/dm_control_task.h"
#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/inverse_kinematics.h"
#include "env/dm_control/tolerance.h"
#include "env/physics/model_files.h"

namespace longplay {
namespace {

constexpr int kArmJoints = 6, kFingers = 3;
constexpr double kTargetRadius = 0.05;                             // [m]
constexpr double kDown[4] = {0, 0.70710678118, 0.70710678118, 0};  // the hand points down
constexpr double kLowest[3] = {-0.2, -0.2, 0.02}, kHighest[3] = {0.2, 0.2, 0.4};  // [m] starts
constexpr int kMaxPoses = 10, kMaxAttempts = 10;  // at a start that touches nothing
// Datasheet: the first three joints are larger.
constexpr double kTorques[2] = {30.5, 6.8};  // [N m]
constexpr double kVelocities[2] = {36, 48};  // [degrees/s]

const char* const kScene = R"(
<mujoco model="jaco">
  <compiler angle="radian" boundmass="1e-5" boundinertia="1e-11"/>
  <option timestep="0.002" cone="elliptic" noslip_iterations="5" noslip_tolerance="0">
    <flag nativeccd="disable"/>
  </option>
  <statistic center="0 0 0"/>
  <visual>
    <map znear="0.01"/>
    <headlight ambient=".3 .3 .3" diffuse=".6 .6 .6" specular="0 0 0"/>
  </visual>
  <asset>
    <texture type="skybox" builtin="gradient" rgb1=".4 .6 .8" rgb2="0 0 0" width="100"
             height="100"/>
    <texture name="groundplane" type="2d" builtin="checker" rgb1=".2 .3 .4" rgb2=".1 .2 .3"
             mark="edge" markrgb=".8 .8 .8" width="300" height="300"/>
    <material name="groundplane" texture="groundplane" texrepeat="5 5" texuniform="true"
              reflectance="0.2"/>
  </asset>
  <worldbody>
    <geom name="ground" type="plane" size="1 1 0.1" material="groundplane" friction="0.4"
          solref="0.002 1" solimp="0.95 0.99 0.001"/>
    <light pos="0 0 1.5" dir="0 0 -1" diffuse=".7 .7 .7" specular=".3 .3 .3" castshadow="true"/>
    <camera name="front_close" pos="0 -0.6 0.75" xyaxes="1 0 0 0 0.7 0.75"/>
    <site name="target" type="sphere" size="0.05" rgba="1 0 0 .3"/>
    <body name="arm" pos="0 0.4 0"/>
  </worldbody>
</mujoco>
)";

// Puts the tree below `root` of another file into `parent`; elements get the prefix.
void Attach(mjsBody* parent, const std::string& file, const char* root, const char* prefix) {
  const SpecPtr part = ReadModel("dm_control/third_party/kinova/" + file);
  part->compiler.boundmass = 1e-5;  // as the scene's: composer has one compiler for all
  part->compiler.boundinertia = 1e-11;
  mjsFrame* frame = mjs_addFrame(parent, nullptr);
  if (mjs_attach(frame->element, mjs_findBody(part.get(), root)->element, prefix, "") == nullptr) {
    throw std::runtime_error("making an environment: " + file +
                             ": expected a part to attach, got " +
                             mjs_getError(mjs_getSpec(parent->element)));
  }
}

void AddVelocityServo(mjSpec* scene, const std::string& joint, double gain, double velocity,
                      double force) {
  mjsActuator* servo = mjs_addActuator(scene, nullptr);
  mjs_setName(servo->element, joint.c_str());
  mjs_setToVelocity(servo, gain);
  servo->trntype = mjTRN_JOINT;
  mjs_setString(servo->target, joint.c_str());
  servo->ctrllimited = servo->forcelimited = mjLIMITED_TRUE;
  servo->ctrlrange[0] = -velocity;
  servo->ctrlrange[1] = velocity;
  servo->forcerange[0] = -force;
  servo->forcerange[1] = force;
}

void AddTorqueSensor(mjSpec* scene, const std::string& joint, const std::string& body) {
  const std::string site_name = joint + "_site";
  mjsSite* site = mjs_addSite(mjs_findBody(scene, body.c_str()), nullptr);
  mjs_setName(site->element, site_name.c_str());
  // As composer makes sites for its sensors: tiny, in the group that is not drawn.
  site->size[0] = 1e-3;
  site->group = 4;
  mjsSensor* sensor = mjs_addSensor(scene);
  mjs_setName(sensor->element, (joint + "_torque").c_str());
  sensor->type = mjSENS_TORQUE;
  sensor->objtype = mjOBJ_SITE;
  mjs_setString(sensor->objname, site_name.c_str());
}

ModelPtr MakeModel(const double* target) {
  const SpecPtr scene = ReadModelText(kScene, "jaco");
  // The arm, and the hand at its wrist.
  Attach(mjs_findBody(scene.get(), "arm"), "jaco_arm.xml", "b_base", "arm/");
  mjsBody* hand = mjs_addBody(mjs_findBody(scene.get(), "arm/b_6"), nullptr);
  mjs_setName(hand->element, "hand");
  std::copy_n(kDown, 4, hand->quat);
  Attach(hand, "jaco_hand.xml", "hand", "hand/");
  // Joints are asked for velocities [rad/s], up to a torque [N m].
  for (int k = 1; k <= kArmJoints; ++k) {
    const std::string joint = "arm/joint_" + std::to_string(k);
    const int size = k <= 3 ? 0 : 1;
    AddVelocityServo(scene.get(), joint, 500, kVelocities[size] * (std::numbers::pi / 180),
                     kTorques[size]);
    AddTorqueSensor(scene.get(), joint, "arm/b_" + std::to_string(k));
  }
  for (int k = 1; k <= kFingers; ++k) {
    AddVelocityServo(scene.get(), "hand/finger_" + std::to_string(k), 10, 5, 1);
  }
  // The target lies where the task wants it; it does not move.
  const mjsElement* site = mjs_findElement(scene.get(), mjOBJ_SITE, "target");
  std::copy_n(target, 3, mjs_asSite(const_cast<mjsElement*>(site))->pos);
  return CompileModel(scene.get(), "jaco");
}

// Source: denisyarats/exorl@4e6377d, custom_dmc_tasks/jaco.py; dm_control/composer and
// dm_control/entities/manipulators, version 1.0.50.
class JacoReach : public DmControlTask {
 public:
  /// Argument `scaled_actions`: actions from -1 to 1 instead of in rad/s, as ExoRL records them.
  JacoReach(TaskArguments& arguments, const std::array<double, 3>& target)
      : DmControlTask(MakeModel(target.data()), 20),
        scaled_actions_(arguments.Flag("scaled_actions", false)),
        target_(target),
        hand_(Body("hand")),
        tool_(Site("hand/pinchsite")) {}

  std::pair<double, double> action_range(int64_t actuator) const override {
    return scaled_actions_ ? std::pair(-1.0, 1.0) : DmControlTask::action_range(actuator);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    double controls[kArmJoints + kFingers];
    for (size_t k = 0; k < action.size(); ++k) {
      // Scaled actions from [-1, 1] to the servo's range.
      const double low = s.model->actuator_ctrlrange[2 * k];
      const double high = s.model->actuator_ctrlrange[2 * k + 1];
      controls[k] = scaled_actions_ ? low + (high - low) / 2 * (action[k] + 1) : action[k];
    }
    return DmControlTask::Step(s, controls);
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const mjData& d = *s.data;
    double* out = observation.data();
    // joints_pos: sine and cosine of the angle.
    for (int k = 0; k < kArmJoints; ++k) {
      *out++ = std::sin(d.qpos[k]);
      *out++ = std::cos(d.qpos[k]);
    }
    for (int k = 0; k < kArmJoints; ++k) {
      // joints_torque: the part about the joint's axis, its size in logarithms.
      const double torque = mju_dot3(d.sensordata + 3 * k, s.model->jnt_axis + 3 * k);
      *out++ = std::copysign(std::log1p(std::abs(torque)), torque);
    }
    // joints_vel, the hand's joints_pos and joints_vel, pinch site's position and rotation
    out = std::copy_n(d.qvel, kArmJoints, out);
    out = std::copy_n(d.qpos + kArmJoints, kFingers, out);
    out = std::copy_n(d.qvel + kArmJoints, kFingers, out);
    out = std::copy_n(d.site_xpos + 3 * tool_, 3, out);
    std::copy_n(d.site_xmat + 9 * tool_, 9, out);
  }

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator& random) const override {
    // Fingers: one closing factor for all.
    const double closed = random.Uniform(0, 1);
    for (int j = kArmJoints; j < kArmJoints + kFingers; ++j) {
      const double* range = s.model->jnt_range + 2 * j;
      s.data->qpos[j] = range[0] + (range[1] - range[0]) * closed;
    }
    // Arm: a random place above the ground that it reaches and where it touches nothing.
    for (int pose = 0; pose < kMaxPoses; ++pose) {
      SitePose wanted = {};
      for (int k = 0; k < 3; ++k) wanted.position[k] = random.Uniform(kLowest[k], kHighest[k]);
      std::copy_n(kDown, 4, wanted.quaternion);
      if (Reach(s, wanted, random)) {
        mj_forward(s.model, s.data);
        if (!Collides(s)) return;
      }
      mju_zero(s.data->qpos, kArmJoints);
    }
  }

  double Reward(const Simulation& s) const override {
    const double distance = mju_dist3(s.data->site_xpos + 3 * tool_, target_.data());
    // The original rounds it.
    return static_cast<float>(
        Tolerance(distance, {.upper = kTargetRadius, .margin = kTargetRadius}));
  }

 private:
  // Lowest and highest angle to start from.
  static std::pair<double, double> StartRange(const Simulation& s, int joint) {
    if (s.model->jnt_limited[joint] == 0) return {0, 2 * std::numbers::pi};
    return {s.model->jnt_range[2 * joint], s.model->jnt_range[2 * joint + 1]};
  }

  // From where the arm is, then from random angles.
  bool Reach(const Simulation& s, const SitePose& wanted, RandomGenerator& random) const {
    for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
      if (MoveSite(s.model, s.data, tool_, wanted, kArmJoints) && TurnIntoRange(s)) return true;
      for (int j = 0; j < kArmJoints; ++j) {
        const auto [low, high] = StartRange(s, j);
        s.data->qpos[j] = random.Uniform(low, high);
      }
    }
    return false;
  }

  // Full turns do not matter; what is out of range after them fails.
  static bool TurnIntoRange(const Simulation& s) {
    bool inside = true;
    for (int j = 0; j < kArmJoints; ++j) {
      const auto [low, high] = StartRange(s, j);
      double& angle = s.data->qpos[j];
      while (angle >= high) angle -= 2 * std::numbers::pi;
      while (angle < low && inside) {
        angle += 2 * std::numbers::pi;
        inside = angle <= high;
      }
    }
    return inside;
  }

  // Whether the arm or the hand touches anything, but for the fingers each other.
  bool Collides(const Simulation& s) const {
    for (int k = 0; k < s.data->ncon; ++k) {
      const mjContact& contact = s.data->contact[k];
      if (contact.dist > 0) continue;
      const bool hand_alone = s.model->geom_bodyid[contact.geom[0]] >= hand_ &&
                              s.model->geom_bodyid[contact.geom[1]] >= hand_;
      if (!hand_alone) return true;
    }
    return false;
  }

  bool scaled_actions_;
  std::array<double, 3> target_;
  int hand_, tool_;
};

}  // namespace

std::vector<TaskEntry> JacoTasks() {
  const auto entry = [](const std::string& corner, double x, double y) {
    return TaskEntry{.id = "dm_control/jaco-reach_" + corner + "-v0",
                     .observation_size = 42,
                     .action_size = kArmJoints + kFingers,
                     .max_episode_steps = 250,
                     .make = [=](TaskArguments& arguments) {
                       return std::make_unique<JacoReach>(arguments, std::array{x, y, 0.001});
                     }};
  };
  return {entry("top_left", -0.09, 0.09), entry("top_right", 0.09, 0.09),
          entry("bottom_left", -0.09, -0.09), entry("bottom_right", 0.09, -0.09)};
}

}  // namespace longplay
