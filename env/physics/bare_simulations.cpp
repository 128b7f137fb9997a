// SPDX-License-Identifier: MIT
// MujocoEnvironment's simulations with nothing around them.
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "env/physics/mujoco_environment.h"
#include "env/physics/mujoco_handles.h"

namespace longplay {
namespace {

/// mjb_step, up to the stage that the task needs.
class BareBatch : public BareSimulations {
 public:
  BareBatch(const MujocoEnvironment& environment, int substeps)
      : environment_(environment), substeps_(substeps) {
    mjBatchConfig config;
    mjb_defaultConfig(&config);
    config.nthread = environment.threads();
    // One mjData each, as in the environment it is compared with.
    config.persistent = 1;
    std::array<char, 1024> error = {};
    batch_.reset(mjb_makeBatch(environment.model(), static_cast<int>(environment.batch()), &config,
                               error.data(), error.size()));
    if (!batch_) throw std::runtime_error(std::string("making a simulator batch: ") + error.data());
  }

  void Copy(int64_t i) override {
    const int64_t size = mjb_nstate(batch_.get());
    environment_.GetState(i, {mjb_state(batch_.get()) + i * size, static_cast<size_t>(size)});
  }

  void Step(std::span<const double> actions) override {
    int size = 0;
    mjtNum* controls = mjb_stateComponent(batch_.get(), mjSTATE_CTRL, &size);
    // Controls are a part of each simulation's state row.
    const int stride = mjb_nstate(batch_.get()), count = mjb_nsim(batch_.get());
    for (int i = 0; i < count; ++i) {
      std::copy_n(actions.begin() + static_cast<int64_t>(i) * size, size,
                  controls + static_cast<int64_t>(i) * stride);
    }
    mjb_step(batch_.get(), nullptr, 0, substeps_, environment_.stage_after_step());
  }

 private:
  const MujocoEnvironment& environment_;
  int substeps_;
  BatchPtr batch_;
};

/// Physics steps in a decision, from the simulated time that one takes.
int Substeps(MujocoEnvironment& environment) {
  const EnvironmentSpec& spec = environment.spec();
  // One decision at middle actions.
  std::vector<double> actions;
  for (int64_t i = 0; i < environment.batch(); ++i) {
    for (int64_t a = 0; a < spec.action_size; ++a) {
      actions.push_back((spec.action_low[a] + spec.action_high[a]) / 2);
    }
  }
  std::vector<double> state(environment.state_size());
  environment.GetState(0, state);  // begins with the time
  const double before = state[0];
  environment.Step(actions, std::vector<uint8_t>(environment.batch(), 1));
  environment.GetState(0, state);
  return static_cast<int>(std::lround((state[0] - before) / environment.model()->opt.timestep));
}

}  // namespace

std::unique_ptr<BareSimulations> MujocoEnvironment::MakeBareSimulations() {
  return std::make_unique<BareBatch>(*this, Substeps(*this));
}

}  // namespace longplay
