// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace longplay {

/// What can be read from a simulation. Positions and velocities are in the world's frame [m, m/s].
enum class QuantityKind {
  kOne,                  // the constant 1
  kPositions,            // qpos of every joint
  kVelocities,           // qvel of every joint
  kControls,             // what the actuators were asked for
  kActivations,          // act, of actuators with a state of their own
  kSensors,              // every sensor
  kSensor,               // the named one
  kJointPosition,        // qpos of the named joint: 1 number, 4 of a ball, 7 of a free joint
  kJointVelocity,        // qvel of the named joint
  kBodyPosition,         // of the named body's frame, 3
  kBodyVelocity,         // of the named body's frame, 3
  kBodyAngularVelocity,  // [rad/s], 3
  kBodyOrientation,      // quaternion w x y z
  kBodyUp,               // the named body's z axis, 3; its z is 1 when upright
  kSitePosition,         // 3
  kGeomPosition,         // 3
  kSiteDifference        // from the named site to the site `to`, 3
};

/// Names of the kinds, as a task file has them.
const std::vector<std::pair<std::string, QuantityKind>>& QuantityKinds();

struct QuantityOptions {
  std::string where;  // stands before messages: "crawler.yaml:12: observation[2]"
  QuantityKind kind = QuantityKind::kOne;
  std::string name, to;  // of the model's elements, where the kind needs them
  int64_t from = 0;      // the first numbers are left out
  int axis = -1;         // 0, 1, 2: one number alone; -1: all
  double clip = std::numeric_limits<double>::infinity();  // numbers are kept within +- this
};

}  // namespace longplay
