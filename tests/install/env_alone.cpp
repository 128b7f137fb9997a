// SPDX-License-Identifier: MIT
// Environments without LibTorch: one decision of every kind of task.
#include <env/list/list_environments.h>
#include <env/list/make_listed_environment.h>

#include <cstdint>
#include <cstdio>
#include <vector>

int main() {
  std::printf("%zu environments\n", longplay::ListEnvironments().size());
  for (const char* id : {"Hopper-v5", "dm_control/cartpole-swingup-v0", "family/grid-goal-v0"}) {
    const auto environment = longplay::MakeListedEnvironment(id, {.batch = 1});
    environment->StartChain(0, 1);
    environment->Reset(0, 1);
    const std::vector<double> action(environment->spec().action_columns(), 0.0);
    const std::vector<uint8_t> active = {1};
    std::printf("%s: reward %g\n", id, environment->Step(action, active)[0].reward);
  }
}
