// SPDX-License-Identifier: MIT
#include "env/gymnasium/gymnasium_task.h"

#include <algorithm>

#include "env/model_files.h"

namespace longplay {

GymnasiumTask::GymnasiumTask(const std::string& file, int frame_skip)
    : Task(LoadModel("gymnasium/envs/mujoco/assets/" + file)),
      frame_skip_(frame_skip),
      dt_(model()->opt.timestep * frame_skip) {}

void GymnasiumTask::Simulate(const Simulation& s, std::span<const double> action) const {
  std::copy(action.begin(), action.end(), s.data->ctrl);
  for (int i = 0; i < frame_skip_; ++i) mj_step(s.model, s.data);
}

double SumOfSquares(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value * value;
  return sum;
}

void AddUniformPositionNoise(const Simulation& s, double scale, RandomGenerator& random) {
  for (int i = 0; i < s.model->nq; ++i) s.data->qpos[i] += random.Uniform(-scale, scale);
}

void ObservePositionsAndVelocities(const Simulation& s, int skipped, double velocity_limit,
                                   std::span<double> observation) {
  double* out = std::copy(s.data->qpos + skipped, s.data->qpos + s.model->nq, observation.data());
  for (int i = 0; i < s.model->nv; ++i) {
    *out++ = std::clamp(s.data->qvel[i], -velocity_limit, velocity_limit);
  }
}

}  // namespace longplay
