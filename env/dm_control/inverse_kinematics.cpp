// SPDX-License-Identifier: MIT
#include "env/dm_control/inverse_kinematics.h"

#include <algorithm>

namespace longplay {
namespace {

constexpr int kMaxJoints = 8, kMaxDofs = 32;
constexpr double kTolerance = 1e-14;
constexpr double kRotationWeight = 2;
constexpr double kRegularizedAbove = 0.1;  // error
constexpr double kRegularization = 3e-2;
constexpr double kMaxUpdate = 2;       // norm of a step
constexpr double kLeastProgress = 20;  // error over norm of a step, above which it gives up
constexpr int kMaxSteps = 100;
constexpr double kSmallestPivot = 1e-15;

// What is missing to the pose, translation then rotation; returns its norm, rotation weighted.
double PoseError(const mjData* data, int site, const SitePose& pose, double* error) {
  double turned[4], back[4], missing[4];
  mju_sub3(error, pose.position, data->site_xpos + 3 * site);
  // The rotation as the angular velocity that brings the site there in 1 s.
  mju_mat2Quat(turned, data->site_xmat + 9 * site);
  mju_negQuat(back, turned);
  mju_mulQuat(missing, pose.quaternion, back);
  mju_quat2Vel(error + 3, missing, 1);
  return mju_norm3(error) + kRotationWeight * mju_norm3(error + 3);
}

// The step of the joints that removes most of the error.
void SolveStep(const double* jacobian, int dofs, const double* error, double regularization,
               double* step, int joints) {
  // Normal equations (J'J + regularization) step = J' error, of the first joints alone.
  double normal[kMaxJoints * kMaxJoints], right[kMaxJoints];
  for (int a = 0; a < joints; ++a) {
    right[a] = 0;
    for (int r = 0; r < 6; ++r) right[a] += jacobian[r * dofs + a] * error[r];
    for (int b = 0; b < joints; ++b) {
      double sum = a == b ? regularization : 0;
      for (int r = 0; r < 6; ++r) sum += jacobian[r * dofs + a] * jacobian[r * dofs + b];
      normal[a * joints + b] = sum;
    }
  }
  mju_cholFactor(normal, joints, kSmallestPivot);
  mju_cholSolve(step, normal, right, joints);
}

}  // namespace

bool MoveSite(const mjModel* model, mjData* data, int site, const SitePose& pose, int joints) {
  if (joints > kMaxJoints || model->nv > kMaxDofs) return false;
  mj_fwdPosition(model, data);
  for (int k = 0; k < kMaxSteps; ++k) {
    double error[6], jacobian[6 * kMaxDofs], step[kMaxDofs] = {};
    const double norm = PoseError(data, site, pose, error);
    if (norm < kTolerance) return true;
    mj_jacSite(model, data, jacobian, jacobian + 3 * model->nv, site);
    SolveStep(jacobian, model->nv, error, norm > kRegularizedAbove ? kRegularization : 0, step,
              joints);
    const double length = mju_norm(step, joints);
    // Not getting there: the step is short against the error.
    if (norm / length > kLeastProgress) return false;
    if (length > kMaxUpdate) mju_scl(step, step, kMaxUpdate / length, joints);
    mj_integratePos(model, data->qpos, step, 1);
    mj_fwdPosition(model, data);
  }
  return false;
}

}  // namespace longplay
