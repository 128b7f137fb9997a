// SPDX-License-Identifier: MIT
// LibTorch's path alone in a process, for bench/runtime.py: a checkpoint is loaded and acts.
//   bench_libtorch_acting CHECKPOINT STEPS ACTIONS
// One chain whose context slides over STEPS steps. "acted" stands on the first line after the first
// action; one line of JSON follows: seconds of each of ACTIONS actions behind a full context, the
// first actions, resident memory.
#include <torch/utils.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/acting/make_policy.h"
#include "agent/runs/checkpoint.h"
#include "model/memory/memory_meter.h"

namespace longplay {
namespace {

constexpr int64_t kCompared = 20;  // actions that are compared with those of others

/// What bench/peers/runtime_peers.py shows its peers, too.
void SeeStep(int64_t t, std::vector<double>& observation, double& reward) {
  for (size_t o = 0; o < observation.size(); ++o) {
    observation[o] = std::sin(0.37 * static_cast<double>(t) + 1.3 * static_cast<double>(o));
  }
  reward = std::cos(0.5 * static_cast<double>(t));
}

void ActAlone(const std::string& checkpoint, int64_t steps, int64_t count) {
  const LoadedPolicy loaded = LoadPolicy(checkpoint, torch::kCPU);
  const auto policy = MakePolicy(loaded, {.chains = 1, .window = steps});
  const PolicyDescription about = policy->description();
  std::vector<double> observation(static_cast<size_t>(about.observation_size)), reward(1);
  std::vector<double> action(static_cast<size_t>(about.action_columns)), seconds;
  std::vector<uint8_t> starts = {1};
  const std::vector<uint8_t> active = {1};
  nlohmann::json actions = nlohmann::json::array();
  for (int64_t t = 0; t < steps + count; ++t) {
    SeeStep(t, observation, reward[0]);
    const auto begin = std::chrono::steady_clock::now();
    policy->Act(
        {.observations = observation, .rewards = reward, .starts = starts, .active = active},
        action);
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (t == 0) std::puts("acted"), std::fflush(stdout);
    if (t >= steps) seconds.push_back(taken.count());
    if (t < kCompared) actions.push_back(action);
    starts[0] = 0;
  }
  const nlohmann::json json = {
      {"seconds", seconds}, {"actions", actions}, {"resident_bytes", ProcessBytes()}};
  std::puts(json.dump().c_str());
}

}  // namespace
}  // namespace longplay

int main(int count, char** values) {
  try {
    if (count != 4) {
      throw std::invalid_argument("reading the arguments: expected CHECKPOINT STEPS ACTIONS");
    }
    torch::set_num_threads(1);
    longplay::ActAlone(values[1], std::stoll(values[2]), std::stoll(values[3]));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
