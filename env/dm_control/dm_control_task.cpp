// SPDX-License-Identifier: MIT
#include "env/dm_control/dm_control_task.h"

#include <algorithm>

namespace longplay {

void DmControlTask::Initialize(const Simulation& s, RandomGenerator& random) const {
  // The first of the two leaves its trace in the warm start of the second, as in dm_control.
  mj_forward(s.model, s.data);
  InitializeEpisode(s, random);
  mj_forward(s.model, s.data);
}

TaskStep DmControlTask::Step(const Simulation& s, std::span<const double> action) const {
  std::copy(action.begin(), action.end(), s.data->ctrl);
  // With Runge-Kutta the first half of a step cannot be reused.
  const bool reuse = s.model->opt.integrator != mjINT_RK4;
  if (reuse) mj_step2(s.model, s.data);
  for (int i = reuse ? 1 : 0; i < substeps_; ++i) mj_step(s.model, s.data);
  mj_step1(s.model, s.data);
  return {.reward = Reward(s)};
}

}  // namespace longplay
