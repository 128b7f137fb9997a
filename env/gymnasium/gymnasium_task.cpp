// SPDX-License-Identifier: MIT
#include "env/gymnasium/gymnasium_task.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>

#include "env/physics/model_files.h"

namespace longplay {
namespace {

ModelPtr LoadGymnasiumModel(const std::string& file) {
  const bool own = file.find('/') != std::string::npos;
  return LoadModel(own ? std::filesystem::absolute(file).string()
                       : "gymnasium/envs/mujoco/assets/" + file);
}

// numpy's sum of up to 128 contiguous numbers: eight running sums, then what is left over.
// Source: numpy/_core/src/umath/loops_utils.h.src, pairwise sum, version 2.4.
template <typename T>
T SquaresInNumpysOrder(std::span<const double> values) {
  const auto square = [&](size_t i) {
    return static_cast<T>(values[i]) * static_cast<T>(values[i]);
  };
  T sum = 0;
  size_t i = 0;
  if (values.size() >= 8) {
    std::array<T, 8> r = {};
    for (; i + 8 <= values.size(); i += 8) {
      for (size_t j = 0; j < 8; ++j) r[j] = i == 0 ? square(j) : r[j] + square(i + j);
    }
    sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  }
  for (; i < values.size(); ++i) sum += square(i);
  return sum;
}

}  // namespace

GymnasiumTask::GymnasiumTask(TaskArguments& arguments, const std::string& file, int frame_skip)
    : Task(LoadGymnasiumModel(arguments.Text("xml_file", file))),
      frame_skip_(arguments.Integer("frame_skip", frame_skip)),
      dt_(model()->opt.timestep * frame_skip_) {
  if (frame_skip_ < 1) {
    throw std::invalid_argument("making an environment: frame_skip: expected at least 1, got " +
                                std::to_string(frame_skip_));
  }
}

int GymnasiumTask::BodyId(const std::string& name) const {
  const int id = mj_name2id(model(), mjOBJ_BODY, name.c_str());
  if (id >= 0) return id;
  throw std::invalid_argument("making an environment: body: expected one of the model's, got " +
                              name);
}

void GymnasiumTask::Simulate(const Simulation& s, std::span<const double> action) const {
  std::copy(action.begin(), action.end(), s.data->ctrl);
  for (int i = 0; i < frame_skip_; ++i) mj_step(s.model, s.data);
  // mj_step computes cfrc_ext only where a sensor asks for it.
  if (NeedsContactForces()) mj_rnePostConstraint(s.model, s.data);
}

int64_t GymnasiumTask::observation_size(int64_t /*listed*/) const {
  const int64_t bodies = model()->nbody - 1;
  return model()->nq - parts_.skipped_positions + model()->nv +
         (parts_.inertias ? 10 * bodies : 0) + (parts_.body_velocities ? 6 * bodies : 0) +
         (parts_.actuator_forces ? model()->nv - 6 : 0) + (parts_.contact_forces ? 6 * bodies : 0);
}

void GymnasiumTask::Observe(const Simulation& s, std::span<double> observation) const {
  const mjModel& m = *s.model;
  const mjData& d = *s.data;
  double* out = std::copy(d.qpos + parts_.skipped_positions, d.qpos + m.nq, observation.data());
  const double limit = parts_.velocity_limit;
  out = std::transform(d.qvel, d.qvel + m.nv, out,
                       [=](double v) { return std::clamp(v, -limit, limit); });
  // Of bodies the world, number 0, is left out, and of actuator forces the root's six.
  if (parts_.inertias) out = std::copy(d.cinert + 10, d.cinert + 10 * m.nbody, out);
  if (parts_.body_velocities) out = std::copy(d.cvel + 6, d.cvel + 6 * m.nbody, out);
  if (parts_.actuator_forces) out = std::copy(d.qfrc_actuator + 6, d.qfrc_actuator + m.nv, out);
  if (parts_.contact_forces) {
    const auto [low, high] = parts_.contact_range;
    std::transform(d.cfrc_ext + 6, d.cfrc_ext + 6 * m.nbody, out,
                   [low = low, high = high](double f) { return std::clamp(f, low, high); });
  }
}

double ControlCost(const Simulation& s, double weight, std::span<const double> action) {
  // numpy computes in the type of the array that it was given.
  if (s.float32_actions) return static_cast<float>(weight) * SquaresInNumpysOrder<float>(action);
  return weight * SumOfSquares(action);
}

double SumOfSquares(std::span<const double> values) { return SquaresInNumpysOrder<double>(values); }

void AddUniformPositionNoise(const Simulation& s, double scale, RandomGenerator& random) {
  for (int i = 0; i < s.model->nq; ++i) s.data->qpos[i] += random.Uniform(-scale, scale);
}

void AddUniformVelocityNoise(const Simulation& s, double scale, RandomGenerator& random) {
  for (int i = 0; i < s.model->nv; ++i) s.data->qvel[i] += random.Uniform(-scale, scale);
}

void AddNormalVelocityNoise(const Simulation& s, double scale, RandomGenerator& random) {
  for (int i = 0; i < s.model->nv; ++i) s.data->qvel[i] += scale * random.Normal();
}

}  // namespace longplay
