// SPDX-License-Identifier: MIT
#pragma once

#include <mujoco/mujoco.h>

namespace longplay {

/// Where a site shall be, and how it shall be turned.
struct SitePose {
  double position[3];
  double quaternion[4];
};

/// Moves the first `joints` joints (hinges; at most 8) until the site has the pose: damped
/// least squares while far off, Gauss-Newton steps near it. Limits are not looked at.
/// Returns whether it converged; d->qpos is changed in any case. Allocates nothing.
/// Source: dm_control/utils/inverse_kinematics.py, version 1.0.50, with its defaults, rotation
/// weighted twice.
bool MoveSite(const mjModel* model, mjData* data, int site, const SitePose& pose, int joints);

}  // namespace longplay
