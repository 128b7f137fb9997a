// SPDX-License-Identifier: MIT
#include "agent/benchmarks/stepping_benchmark.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "env/environment_facets.h"
#include "env/random_generator.h"

namespace longplay {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Random actions for every simulation, [B, spec.action_columns()].
class RandomActions {
 public:
  explicit RandomActions(const Environment& environment)
      : spec_(environment.spec()), values_(environment.batch() * spec_.action_columns()) {}

  const std::vector<double>& Draw() {
    const int64_t columns = spec_.action_columns();
    for (size_t k = 0; k < values_.size(); k += columns) {
      DrawAction(spec_, random_, std::span(values_).subspan(k, columns));
    }
    return values_;
  }

 private:
  const EnvironmentSpec& spec_;
  RandomGenerator random_{1, RandomGenerator::Stream::kLearner};
  std::vector<double> values_;
};

}  // namespace

SteppingBenchmark BenchmarkStepping(Environment& environment, double seconds) {
  const int64_t batch = environment.batch();
  RandomActions actions(environment);
  std::vector<int64_t> over;
  std::vector<uint64_t> seeds;
  for (int64_t i = 0; i < batch; ++i) {
    environment.StartChain(i, i);
    over.push_back(i);
    seeds.push_back(i);
  }
  environment.Reset(over, seeds);
  const std::unique_ptr<BareSimulations> bare = environment.MakeBareSimulations();
  environment.Reset(over, seeds);

  const std::vector<uint8_t> active(batch, 1);
  double ours = 0, alone = 0, resets = 0;
  int64_t steps = 0;
  uint64_t seed = batch;
  while ((bare ? std::min(ours, alone) : ours) + resets < seconds) {
    for (int64_t i : over) {
      if (bare) bare->Copy(i);
    }
    const std::vector<double>& drawn = actions.Draw();
    auto start = Clock::now();
    const auto& outcomes = environment.Step(drawn, active);
    ours += SecondsSince(start);
    start = Clock::now();
    if (bare) bare->Step(drawn);
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
  }
  const auto count = static_cast<double>(steps);
  SteppingBenchmark result{.steps_per_second = count / (ours + resets)};
  if (bare) result.bare_steps_per_second = count / (alone + resets);
  return result;
}

}  // namespace longplay
