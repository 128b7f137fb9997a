// SPDX-License-Identifier: MIT
#include "env/stepping_benchmark.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "env/batched_environment.h"
#include "env/mujoco_handles.h"
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
  BareBatch(const mjModel* model, const SteppingBenchmarkOptions& options) {
    mjBatchConfig config;
    mjb_defaultConfig(&config);
    config.nthread = std::min<int>(options.threads, static_cast<int>(options.batch));
    config.persistent = 1;
    std::array<char, 1024> error = {};
    batch_.reset(
        mjb_makeBatch(model, static_cast<int>(options.batch), &config, error.data(), error.size()));
    if (!batch_) throw std::runtime_error(std::string("making a simulator batch: ") + error.data());
    mjb_reset(batch_.get(), nullptr, 0, nullptr, mjSTAGE_NONE);
  }

  void Step(const std::vector<double>& actions, int substeps) {
    int size = 0;
    mjtNum* controls = mjb_stateComponent(batch_.get(), mjSTATE_CTRL, &size);
    const int stride = mjb_nstate(batch_.get()), count = mjb_nsim(batch_.get());
    for (int i = 0; i < count; ++i) {
      std::copy_n(actions.begin() + static_cast<int64_t>(i) * size, size,
                  controls + static_cast<int64_t>(i) * stride);
    }
    mjb_step(batch_.get(), nullptr, 0, substeps, mjSTAGE_NONE);
  }

  void Reset(const std::vector<int>& ids) {
    mjb_reset(batch_.get(), ids.data(), static_cast<int>(ids.size()), nullptr, mjSTAGE_POS);
  }

 private:
  BatchPtr batch_;
};

/// Physics steps in a control step, from the simulated time that one takes.
int Substeps(BatchedEnvironment& environment, const std::vector<double>& actions) {
  const std::vector<uint8_t> active(environment.batch(), 1);
  environment.Step(actions, active);
  std::vector<double> state(mj_stateSize(environment.model(), mjSTATE_INTEGRATION));
  environment.GetState(0, state);  // begins with the time
  return static_cast<int>(std::lround(state[0] / environment.model()->opt.timestep));
}

}  // namespace

SteppingBenchmark BenchmarkStepping(const std::string& id,
                                    const SteppingBenchmarkOptions& options) {
  BatchedEnvironment environment(id, {.batch = options.batch, .threads = options.threads});
  BareBatch bare(environment.model(), options);
  RandomGenerator random(1, RandomGenerator::Stream::kLearner);
  const EnvironmentSpec& spec = environment.spec();
  std::vector<double> actions(options.batch * spec.action_size);
  const auto draw = [&] {
    for (size_t k = 0; k < actions.size(); ++k) {
      const size_t a = k % static_cast<size_t>(spec.action_size);
      actions[k] = random.Uniform(spec.action_low[a], spec.action_high[a]);
    }
  };
  for (int64_t i = 0; i < options.batch; ++i) {
    environment.StartChain(i, i);
    environment.Reset(i, i);
  }
  draw();
  const int substeps = Substeps(environment, actions);
  const std::vector<uint8_t> active(options.batch, 1);
  double ours = 0, alone = 0;
  int64_t steps = 0;
  uint64_t seed = 0;
  std::vector<int> over;
  for (int64_t i = 0; i < options.batch; ++i) environment.Reset(i, i);
  while (std::min(ours, alone) < options.seconds) {
    draw();
    over.clear();
    auto start = Clock::now();
    const auto& outcomes = environment.Step(actions, active);
    for (int64_t i = 0; i < options.batch; ++i) {
      if (!outcomes[i].over()) continue;
      over.push_back(static_cast<int>(i));
      environment.Reset(i, ++seed);
    }
    ours += SecondsSince(start);
    start = Clock::now();
    bare.Step(actions, substeps);
    if (!over.empty()) bare.Reset(over);
    alone += SecondsSince(start);
    steps += options.batch;
  }
  return {.steps_per_second = steps / ours, .bare_steps_per_second = steps / alone};
}

}  // namespace longplay
