// SPDX-License-Identifier: MIT
#include "env/physics/stepping_benchmark.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "env/physics/mujoco_handles.h"
#include "env/random_generator.h"

namespace longplay {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Simulations of the same model with nothing around them.
class BareBatch {
 public:
  explicit BareBatch(const BatchedEnvironment& environment)
      : stage_(environment.stage_after_step()) {
    mjBatchConfig config;
    mjb_defaultConfig(&config);
    config.nthread = environment.threads();
    config.persistent = 1;
    std::array<char, 1024> error = {};
    batch_.reset(mjb_makeBatch(environment.model(), static_cast<int>(environment.batch()), &config,
                               error.data(), error.size()));
    if (!batch_) throw std::runtime_error(std::string("making a simulator batch: ") + error.data());
  }

  void Step(const std::vector<double>& actions, int substeps) {
    int size = 0;
    mjtNum* controls = mjb_stateComponent(batch_.get(), mjSTATE_CTRL, &size);
    const int stride = mjb_nstate(batch_.get()), count = mjb_nsim(batch_.get());
    for (int i = 0; i < count; ++i) {
      std::copy_n(actions.begin() + static_cast<int64_t>(i) * size, size,
                  controls + static_cast<int64_t>(i) * stride);
    }
    mjb_step(batch_.get(), nullptr, 0, substeps, stage_);
  }

  /// Takes over where simulation i of the environment starts.
  void CopyStart(const BatchedEnvironment& environment, int64_t i) {
    const int size = mjb_nstate(batch_.get());
    environment.GetState(i, {mjb_state(batch_.get()) + i * size, static_cast<size_t>(size)});
  }

 private:
  mjtStage stage_;
  BatchPtr batch_;
};

/// Random actions for every simulation, [B, A].
class RandomActions {
 public:
  explicit RandomActions(const BatchedEnvironment& environment)
      : spec_(environment.spec()), values_(environment.batch() * spec_.action_size) {}

  const std::vector<double>& Draw() {
    for (size_t k = 0; k < values_.size(); ++k) {
      const size_t a = k % static_cast<size_t>(spec_.action_size);
      values_[k] = random_.Uniform(spec_.action_low[a], spec_.action_high[a]);
    }
    return values_;
  }

 private:
  const EnvironmentSpec& spec_;
  RandomGenerator random_{1, RandomGenerator::Stream::kLearner};
  std::vector<double> values_;
};

/// Physics steps in a control step, from the simulated time that one takes.
int Substeps(BatchedEnvironment& environment, RandomActions& actions) {
  std::vector<double> state(mj_stateSize(environment.model(), mjSTATE_INTEGRATION));
  environment.GetState(0, state);  // begins with the time
  const double before = state[0];
  environment.Step(actions.Draw(), std::vector<uint8_t>(environment.batch(), 1));
  environment.GetState(0, state);
  return static_cast<int>(std::lround((state[0] - before) / environment.model()->opt.timestep));
}

}  // namespace

SteppingBenchmark BenchmarkStepping(BatchedEnvironment& environment, double seconds) {
  const int64_t batch = environment.batch();
  BareBatch bare(environment);
  RandomActions actions(environment);
  std::vector<int64_t> over;
  std::vector<uint64_t> seeds;
  for (int64_t i = 0; i < batch; ++i) {
    environment.StartChain(i, i);
    over.push_back(i);
    seeds.push_back(i);
  }
  environment.Reset(over, seeds);
  const int substeps = Substeps(environment, actions);
  environment.Reset(over, seeds);
  for (int64_t i : over) bare.CopyStart(environment, i);

  const std::vector<uint8_t> active(batch, 1);
  double ours = 0, alone = 0, resets = 0;
  int64_t steps = 0;
  uint64_t seed = batch;
  while (std::min(ours, alone) + resets < seconds) {
    const std::vector<double>& drawn = actions.Draw();
    auto start = Clock::now();
    const auto& outcomes = environment.Step(drawn, active);
    ours += SecondsSince(start);
    start = Clock::now();
    bare.Step(drawn, substeps);
    alone += SecondsSince(start);
    steps += batch;

    over.clear();
    seeds.clear();
    for (int64_t i = 0; i < batch; ++i) {
      if (!outcomes[i].over()) continue;
      over.push_back(i);
      seeds.push_back(seed++);
    }
    start = Clock::now();
    environment.Reset(over, seeds);
    resets += SecondsSince(start);
    for (int64_t i : over) bare.CopyStart(environment, i);
  }
  const auto count = static_cast<double>(steps);
  return {.steps_per_second = count / (ours + resets),
          .bare_steps_per_second = count / (alone + resets)};
}

}  // namespace longplay
